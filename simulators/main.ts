// `penstock simulate`: reads a scenario and plays it until it is stopped.
import { type Language, pick } from '#contract/text.ts'
import { readConfig } from '#runtime/config-file.ts'
import { runParts } from '#runtime/lifecycle.ts'
import { createLog } from '#runtime/log.ts'
import { Scenario } from './scenario.ts'
import { Simulator } from './simulator.ts'

export async function runSimulator(options: { file: string; language?: Language }): Promise<void> {
  const { config } = await readConfig({ ...options, schema: Scenario })
  const log = createLog({ name: 'simulator' })
  const running = await runParts({ parts: [new Simulator({ config, log })], log, signals: true })
  await running.stopped
}

/** Tells what the scenario would play; throws a ConfigFault with every fault. */
export async function checkSimulator(options: { file: string; language?: Language }): Promise<string> {
  const { config } = await readConfig({ ...options, schema: Scenario })
  const { host, port } = config.modbus
  const attacks = config.timeline.map(({ at, attack, fault }) => `${attack ?? fault} @ ${at} s`).join(', ')
  const opcua = config.opcua === undefined ? '' : `, OPC UA ${config.opcua.host}:${config.opcua.port}`
  const text = {
    zh: `场景无误：${config.site}，Modbus TCP ${host}:${port}${opcua.replace(', ', '，')}，时间线：${attacks || '无'}`,
    en: `The scenario is sound: ${config.site}, Modbus TCP on ${host}:${port}${opcua}, timeline: ${attacks || 'none'}`
  }
  return pick(text, options.language ?? 'en')
}
