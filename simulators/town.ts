// What `penstock simulate` was asked for, as scenarios: one PLC, or many on ports one after the other.
import { join } from 'node:path'
import type { Language } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import { ConfigFault, readConfig, readConfigText } from '#runtime/config-file.ts'
import { mapOf } from './maps.ts'
import { type CharacterName, mannersOf } from './plc/modbus-characters.ts'
import { Scenario } from './scenario.ts'
import { timelineFaults } from './timeline.ts'
import { checkPorts, checkRoom, movedOn } from './town-ports.ts'
import { isTrouble, joinedFault, type PlayRequest, typedFault } from './typed.ts'

export interface ListenAddress {
  host: string
  port: number
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

const MOST_PLCS = 1000
// As many as a scenario may name, 0 among them.
const SEEDS = 0x8000_0000
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

function checkTown(all: readonly Scenario[]): void {
  const [first] = all
  if (first !== undefined) checkRoom(first, all.length)
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
  const { opcua, ...others } = movedOn(scenario, i, all.length)
  // Each of several servers has keys of its own.
  const keys = opcua?.pki === undefined || all.length === 1 ? {} : { pki: join(opcua.pki, String(i + 1)) }
  return {
    ...others,
    site: siteOf(all, i),
    seed: (scenario.seed + i) % SEEDS,
    ...(opcua === undefined ? {} : { opcua: { ...opcua, ...keys } })
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
  const config = checked(asked, options)
  return read === undefined ? config : joined(read, config, options)
}

function checked(asked: object, options: SimulateOptions): Scenario {
  const text = Buffer.from(JSON.stringify(asked))
  try {
    // A relative path starts where the command is given, as if its text were a file there.
    return readConfigText({ file: 'command line', text, schema: Scenario, language: options.language }).config
  } catch (fault) {
    throw fault instanceof ConfigFault ? typedFault(fault, options) : fault
  }
}

/** What the command line says goes before what the file says; its steps come to those of the file. */
function joined(read: Scenario, config: Scenario, options: SimulateOptions): Scenario {
  const { seed, speed, labels, opcua, modbus, framing, character, config: file = '' } = options
  const timeline = [...read.timeline, ...config.timeline]
  const { plant, lasts } = read
  const faults = timelineFaults(timeline, { plant, map: mapOf(plant), lasts, hasOpcua: (opcua ?? read.opcua) !== undefined })
  if (faults.length > 0) throw joinedFault(faults, { ...options, file, steps: read.timeline.length })
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
    timeline
  }
}

// What the command line says, as it would stand in a scenario.
function given({ seed, speed, labels, modbus, opcua, framing, character }: SimulateOptions) {
  return { seed, speed, labels, modbus: { ...modbus, framing, character }, opcua: opcua === undefined ? undefined : openServer(opcua) }
}

const timelineOf = ({ attack, fault }: SimulateOptions) => [
  ...attack.map(({ name, at }) => ({ at, attack: name })),
  ...fault.map((step) => ({ at: step.at, ...(isTrouble(step) ? { fault: 'breakdown', with: { what: step.name } } : { fault: step.name }) }))
]

// For tests on this machine: anybody may read and write, with and without encryption.
const openServer = ({ host, port }: ListenAddress) => ({
  ...{ host, port },
  security: { policies: ['Basic256Sha256', 'None'], modes: ['SignAndEncrypt', 'None'], acceptUnknownClients: true },
  anonymous: 'operator'
})
