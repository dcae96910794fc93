// What `penstock simulate` was asked for, as scenarios: one PLC, or many on ports one after the other.
import { join } from 'node:path'
import { type Language, pick } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import { readConfig, readConfigText } from '#runtime/config-file.ts'
import { FAULTS } from './faults/faults.ts'
import { type CharacterName, mannersOf } from './plc/modbus-characters.ts'
import { Scenario } from './scenario.ts'
import { patient } from './sparing.ts'

export interface ListenAddress {
  host: string
  port: number
}

export interface PlayRequest {
  name: string
  /** Simulated time after the start, as in a timeline. */
  at: string
}

export interface SimulateOptions {
  /** Kinds of plants, each as often as it is named; one of the config's kind where none is. */
  plants: readonly string[]
  config?: string
  framing?: 'tcp' | 'rtu-over-tcp'
  character?: CharacterName
  modbus?: ListenAddress
  opcua?: ListenAddress
  web?: ListenAddress
  view?: boolean
  speed?: number
  seed?: number
  count?: number
  attack: PlayRequest[]
  fault: PlayRequest[]
  labels?: string
  pcap?: string
  /** Megabytes. */
  pcapLimit?: number
  /** Seconds of the plant after which all ends. */
  for?: number
  language: Language
}

const MOST_PORT = 65_535
const MOST_PLCS = 1000
const SITES: Readonly<Record<string, string>> = { water: 'east-water', heat: 'north-heat', gas: 'south-gas' }

/** The scenarios of all PLCs, each with ports and a seed of its own. */
export async function townOf(options: SimulateOptions): Promise<Scenario[]> {
  const { count = 1, plants } = options
  const named = plants.length === 0 ? [undefined] : plants
  if (named.length * count > MOST_PLCS) throw new UsageFault(`至多 ${MOST_PLCS} 台 PLC`, `at most ${MOST_PLCS} PLCs`)
  const each = new Map<string | undefined, Scenario>()
  for (const plant of new Set(named)) each.set(plant, await scenarioOf(options, plant))
  const all = named.flatMap((plant) => Array.from({ length: count }, () => each.get(plant))).filter((one) => one !== undefined)
  checkTown(all)
  const town = all.map((scenario, i) => placed(scenario, i, all))
  checkPorts(town, options.web)
  return town
}

function checkPorts(town: readonly Scenario[], web: ListenAddress | undefined): void {
  const asked = town.flatMap(({ modbus, opcua }) => [
    modbus,
    ...(modbus.path === undefined ? [] : [{ host: modbus.host, port: modbus.path.port }]),
    ...(opcua === undefined ? [] : [opcua])
  ])
  const seen = new Set<string>()
  for (const { host, port } of [...asked, ...(web === undefined ? [] : [web])]) {
    const place = `${host}:${port}`
    if (port > 0 && seen.has(place)) throw new UsageFault(`端口 ${place} 要用两次`, `${place} is asked for twice`)
    seen.add(place)
  }
}

function checkTown(all: readonly Scenario[]): void {
  const [first] = all
  for (const port of [first?.modbus.port ?? 0, first?.opcua?.port ?? 0])
    if (port > 0 && port + all.length - 1 > MOST_PORT)
      throw new UsageFault(`端口 ${port} 之后没有 ${all.length} 个端口`, `there are no ${all.length} ports from ${port} on`)
  if (all.length > 1 && first?.labels !== undefined)
    throw new UsageFault('多台 PLC 不能共用一个标注文件', 'many PLCs cannot share one file of labels')
}

// PLCs of one kind are numbered where there are several.
function siteOf(all: readonly Scenario[], i: number): string {
  const site = all[i]?.site ?? ''
  const same = (list: readonly Scenario[]) => list.filter((one) => one.site === site).length
  return same(all) === 1 ? site : `${site}-${same(all.slice(0, i)) + 1}`
}

function placed(scenario: Scenario, i: number, all: readonly Scenario[]): Scenario {
  const { modbus, opcua } = scenario
  const after = (port: number) => (port === 0 ? 0 : port + i)
  // Each of several servers has keys of its own.
  const keys = opcua?.pki === undefined || all.length === 1 ? {} : { pki: join(opcua.pki, String(i + 1)) }
  return {
    ...scenario,
    site: siteOf(all, i),
    seed: (scenario.seed + i) % 0x7fff_ffff,
    modbus: { ...modbus, port: after(modbus.port) },
    ...(opcua === undefined ? {} : { opcua: { ...opcua, port: after(opcua.port), ...keys } })
  }
}

async function scenarioOf(options: SimulateOptions, plant: string | undefined): Promise<Scenario> {
  const { config: file, language } = options
  const read = file === undefined ? undefined : (await readConfig({ file, schema: Scenario, language })).config
  const kind = plant ?? read?.plant ?? 'water'
  // Attacks of the command line may work on the server of the file.
  const opcua = options.opcua ?? read?.opcua
  const asked = {
    ...given({ ...options, ...(opcua === undefined ? {} : { opcua }) }),
    plant: kind,
    site: read?.site ?? SITES[kind],
    timeline: timelineOf(options)
  }
  const text = Buffer.from(JSON.stringify(asked, null, 2))
  const { config } = readConfigText({ file: pick({ zh: '命令行', en: 'command line' }, language), text, schema: Scenario, language })
  const scenario = read === undefined ? config : joined(read, config, options)
  return options.character === undefined ? scenario : patient(scenario)
}

/** What the command line says goes before what the file says. */
function joined(read: Scenario, config: Scenario, options: SimulateOptions): Scenario {
  const { seed, speed, labels, opcua, modbus, framing, character } = options
  return {
    ...read,
    ...(seed === undefined ? {} : { seed }),
    ...(speed === undefined ? {} : { speed }),
    ...(labels === undefined ? {} : { labels: config.labels }),
    ...(opcua === undefined ? {} : { opcua: config.opcua }),
    modbus: {
      ...read.modbus,
      ...modbus,
      ...(framing === undefined ? {} : { framing }),
      ...(character === undefined ? {} : { character, ...mannersOf(character, {}) })
    },
    timeline: [...read.timeline, ...config.timeline]
  }
}

// What the command line says, as it would stand in a scenario.
function given({ seed, speed, labels, modbus, opcua, framing, character }: SimulateOptions) {
  return { seed, speed, labels, modbus: { ...modbus, framing, character }, opcua: opcua === undefined ? undefined : openServer(opcua) }
}

const timelineOf = ({ attack, fault }: SimulateOptions) => [
  ...attack.map(({ name, at }) => ({ at, attack: name })),
  ...fault.map(({ name, at }) => (Object.hasOwn(FAULTS, name) ? { at, fault: name } : { at, fault: 'breakdown', with: { what: name } }))
]

// For tests on this machine: anybody may read and write, with and without encryption.
const openServer = ({ host, port }: ListenAddress) => ({
  ...{ host, port },
  security: { policies: ['Basic256Sha256', 'None'], modes: ['SignAndEncrypt', 'None'], acceptUnknownClients: true },
  anonymous: 'operator'
})
