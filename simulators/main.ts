// `penstock simulate`: reads a scenario and plays it until it is stopped.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Language, pick } from '#contract/text.ts'
import { readConfig } from '#runtime/config-file.ts'
import { type Part, runParts } from '#runtime/lifecycle.ts'
import { createLog } from '#runtime/log.ts'
import { Scenario } from './scenario.ts'
import { Simulator } from './simulator.ts'
import { type SimulateOptions, townOf } from './town.ts'

export async function simulate(options: SimulateOptions): Promise<void> {
  const { language, view = false, web } = options
  const scenarios = await townOf(options)
  // The view takes the terminal, so the log goes where it does not disturb it.
  const log = createLog({
    name: 'simulator',
    ...(view ? { destination: { file: join(tmpdir(), `penstock-simulator-${process.pid}.log`) } } : {})
  })
  const simulators = scenarios.map((config) => new Simulator({ config, log, keepsPast: web !== undefined }))
  const parts: Part[] = [...simulators]
  if (web !== undefined) parts.push(new (await import('./mimic/server.ts')).MimicServer({ ...web, simulators, log }))
  if (view) parts.push(new (await import('./terminal-view.ts')).TerminalView({ simulators, language }))
  const running = await runParts({ parts, log, signals: true })
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
