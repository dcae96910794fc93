// `penstock simulate`: reads a scenario and plays it until it is stopped.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Language, pick, type Text } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { checkApart } from '#runtime/files-apart.ts'
import { type Part, type Running, runParts } from '#runtime/lifecycle.ts'
import { createLog, type Log } from '#runtime/log.ts'
import { agentYaml, usualPace } from './agent-yaml.ts'
import { mapOf } from './maps.ts'
import { NewFiles } from './new-files.ts'
import { attackNamed, NEEDED } from './player.ts'
import { Scenario } from './scenario.ts'
import { FRAMING_TITLES, reachable, Simulator } from './simulator.ts'
import { AGENTS_OWN_BUDGET, agentManners } from './sparing.ts'
import { type SimulateOptions, townOf } from './town.ts'
import { ViewLog } from './view-log.ts'

const LOOK_EVERY_MS = 50
const USUAL_PCAP_MEGABYTES = 256

export async function simulate(options: SimulateOptions): Promise<void> {
  const { language, view = false, web } = options
  const scenarios = await townOf(options)
  const written = [options.pcap, ...scenarios.map(({ labels }) => labels)].filter((file) => file !== undefined)
  await checkApart({ reads: [options.config], writes: written })
  const viewLog = view ? new ViewLog({ language }) : undefined
  const log = createLog({ name: 'simulator', ...(viewLog === undefined ? {} : { destination: viewLog }) })
  const tap = options.pcap === undefined ? undefined : await tapOf({ ...options, pcap: options.pcap }, log)
  const simulators = scenarios.map(
    (config) => new Simulator({ config, log, keepsPast: web !== undefined, observer: tap?.observer(config.modbus.framing) })
  )
  const files = new NewFiles(written)
  const parts: Part[] = [viewLog, files, tap, ...simulators].filter((part) => part !== undefined)
  if (web !== undefined) parts.push(new (await import('./mimic/server.ts')).MimicServer({ ...web, simulators, log }))
  if (view) parts.push(new (await import('./terminal-view.ts')).TerminalView({ simulators, language }))
  const allStarted = async () => {
    tap?.begin()
    files.keep()
  }
  parts.push({ name: 'town', start: allStarted, stop: async () => {} })
  const running = await runParts({ parts, log, signals: true })
  if (options.for !== undefined) await end(running, simulators, options.for)
  await running.stopped
}

async function tapOf({ pcap: path, pcapLimit = USUAL_PCAP_MEGABYTES }: { pcap: string; pcapLimit?: number }, log: Log) {
  const { PcapTap } = await import('./plc/pcap-tap.ts')
  return new PcapTap({ path, maxBytes: pcapLimit * 1e6, log })
}

// Ends all once every plant has lived so many seconds.
async function end(running: Running, simulators: readonly Simulator[], seconds: number): Promise<void> {
  const ending = new AbortController()
  void running.stopped.then(() => ending.abort())
  while (!ending.signal.aborted && simulators.some(({ scene }) => (scene?.elapsed ?? 0) < seconds))
    await sleep(LOOK_EVERY_MS, undefined, { signal: ending.signal }).catch(() => {})
  await running.stop('it has lasted as long as was asked')
}

/** The config with which an agent reads the plant. */
export async function agentConfigText(options: SimulateOptions): Promise<string> {
  const [scenario, ...more] = await townOf(options)
  if (scenario === undefined || more.length > 0)
    throw new UsageFault('--print-agent-config 一次只针对一台 PLC', '--print-agent-config is for one PLC at a time')
  const { modbus, plant, site } = scenario
  const port = modbus.path?.port ?? modbus.port
  if (port === 0) throw new UsageFault('须给出 Modbus 端口，代理才能找到它', 'needs a Modbus port that the agent can know')
  const map = mapOf(plant)
  const manners = agentManners(scenario)
  return agentYaml({ map, site, host: reachable(modbus.host), port, ...manners }, usualPace(map, manners.budget ?? AGENTS_OWN_BUDGET))
}

/** Tells what the scenario would play, and what of it would be left out; throws a ConfigFault with every fault. */
export async function checkSimulator(options: { file: string; language?: Language }): Promise<string> {
  const { config } = await readConfig({ ...options, schema: Scenario })
  const { host, port, framing } = config.modbus
  const modbus = FRAMING_TITLES[framing]
  const attacks = config.timeline.map(({ at, attack, fault }) => `${attack ?? fault} @ ${at} s`).join(', ')
  const opcua = config.opcua === undefined ? '' : `, OPC UA ${config.opcua.host}:${config.opcua.port}`
  const text = {
    zh: `场景无误：${config.site}，${modbus} ${host}:${port}${opcua.replace(', ', '，')}，时间线：${attacks || '无'}`,
    en: `The scenario is sound: ${config.site}, ${modbus} on ${host}:${port}${opcua}, timeline: ${attacks || 'none'}`
  }
  const language = options.language ?? 'en'
  return [text, ...leftOut(config)].map((line) => pick(line, language)).join('\n')
}

// A sound scenario may be for the range alone, which gives attackers what simulate does not.
function leftOut({ timeline, modbus }: Scenario): Text[] {
  const missing = [...(modbus.path === undefined ? (['tamper'] as const) : []), 'eyes' as const]
  return missing.flatMap((need) => {
    const steps = timeline.filter(({ attack }) => attack !== undefined && attackNamed(attack)?.needs?.includes(need) === true)
    const names = steps.map(({ at, attack }) => `${attack} @ ${at} s`)
    if (names.length === 0) return []
    const { zh, en } = NEEDED[need]
    return [
      { zh: `注意：simulate 不会播放 ${names.join('、')}：${zh}`, en: `Warning: simulate will not play ${names.join(', ')}: that ${en}` }
    ]
  })
}
