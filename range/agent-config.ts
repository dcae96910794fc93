// The agent config that a utility would write for a PLC of the simulators: from its tag map come places, scales, titles and what
// must never be read. Written for the agent's own schema, so that a map which it cannot read is a fault and no surprise.
import type { Language } from '#contract/language.ts'
import { ConfigFault, readConfigText } from '#runtime/config-file.ts'
import { AgentConfig } from '../agent/config.ts'
import { TABLES, type Table } from '../simulators/plc/register-image.ts'
import { wordsOf } from '../simulators/plc/registers.ts'
import { isRegister, type TagMap, type TagRow } from '../simulators/plc/tag-map.ts'

export interface AgentConfigOptions {
  map: TagMap
  site: string
  agent?: string
  device?: string
  host?: string
  port?: number
  broker?: Record<string, unknown>
  outbox?: string
  /** Tags that are not in the config. */
  without?: readonly string[]
}

export interface WrittenConfig {
  yaml: string
  config: AgentConfig
}

const SHORT: Readonly<Record<Table, string>> = {
  coils: 'coil',
  discreteInputs: 'discrete',
  inputRegisters: 'input',
  holdingRegisters: 'holding'
}
const LONG: Readonly<Record<Table, string>> = {
  coils: 'coil',
  discreteInputs: 'discrete-input',
  inputRegisters: 'input-register',
  holdingRegisters: 'holding-register'
}
const LAST_ADDRESS = 0xffff

// How often values and what people set are read, in milliseconds: the first that the budget of a PLC bears is taken.
const PACES = [
  { values: 1000, set: 1000 },
  { values: 1000, set: 2000 },
  { values: 2000, set: 2000 },
  { values: 2000, set: 5000 },
  { values: 5000, set: 5000 }
] as const
type Pace = { values: number; set: number }

export function agentConfigOf(options: AgentConfigOptions, language: Language = 'en'): WrittenConfig {
  const [quickest, ...slower] = PACES.map((pace) => () => read(agentYaml(options, pace), language))
  if (quickest === undefined) throw new RangeError('no pace')
  return slower.reduce((attempt, next) => () => withinBudget(attempt) ?? next(), quickest)()
}

function read(yaml: string, language: Language): WrittenConfig {
  const { config } = readConfigText({ file: 'agent.yaml', text: Buffer.from(yaml), schema: AgentConfig, language })
  return { yaml, config }
}

// Undefined when nothing but the budget is wrong with it.
function withinBudget(attempt: () => WrittenConfig): WrittenConfig | undefined {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof ConfigFault && error.faults.every(({ path }) => path.includes('.budget.'))) return undefined
    throw error
  }
}

function agentYaml(options: AgentConfigOptions, pace: Pace): string {
  const { map, site, agent = 'edge-1', device: id = 'plc-1', host = '127.0.0.1', port = 502, without = [] } = options
  const { broker = { url: 'mqtt://127.0.0.1:1883' }, outbox = './data/outbox.db' } = options
  const device = { id, protocol: 'modbus-tcp', host, port, forbidden: TABLES.flatMap((table) => gapsOf(map, table)) }
  const tags = Object.entries(map.tags).flatMap(([name, row]) => (without.includes(name) ? [] : [tagOf(name, row, pace)]))
  const lines = [
    `agent: ${agent}`,
    entry('site', { id: site, title: { zh: site, en: site }, sector: map.plant }),
    entry('broker', broker),
    entry('outbox', { file: outbox }),
    entry('defaults', { cadenceMs: pace.values, heartbeatMs: 10_000 }),
    'devices:',
    ...Object.entries(device).map(([key, value], i) => `${i === 0 ? '  -' : '   '} ${entry(key, value)}`),
    '    tags:',
    ...tags.map((tag) => `      - ${JSON.stringify(tag)}`)
  ]
  return `${lines.join('\n')}\n`
}

// JSON is YAML in its flow style.
const entry = (key: string, value: unknown): string => `${key}: ${JSON.stringify(value)}`

function tagOf(name: string, { title, role, place, unit, range, deadband }: TagRow, { values, set }: Pace) {
  const slower = set !== values && (role === 'setpoint' || role === 'command')
  const common = { name, at: placeOf(place), role, title, ...(slower ? { cadenceMs: set } : {}) }
  if (!isRegister(place)) return common
  return {
    ...common,
    ...(place.scale === 1 ? {} : { scale: place.scale }),
    ...(place.offset === undefined ? {} : { offset: place.offset }),
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    ...(deadband === undefined ? {} : { deadband })
  }
}

/** A place as the agent's config has it. */
export function placeOf(place: TagRow['place']): string {
  const at = `${SHORT[place.table]} ${place.address}`
  if (isRegister(place)) return `${at} ${place.format}${place.order === undefined ? '' : ` ${place.order}`}`
  return place.bit === undefined ? at : `${at} bit:${place.bit}`
}

// What lies between and behind the tags and is not in the manual does not exist.
function gapsOf({ tags, reserve = {} }: TagMap, table: Table): { table: string; from: number; to: number }[] {
  const used = Object.values(tags)
    .filter(({ place }) => place.table === table)
    .map(({ place }) => [place.address, place.address + (isRegister(place) ? wordsOf(place) : 1) - 1] as const)
  const stretches = [...used, ...(reserve[table] ?? [])].sort(([a], [b]) => a - b)
  const gaps: { table: string; from: number; to: number }[] = []
  let next = 0
  for (const [first, last] of stretches) {
    if (first > next) gaps.push({ table: LONG[table], from: next, to: first - 1 })
    next = Math.max(next, last + 1)
  }
  if (next <= LAST_ADDRESS) gaps.push({ table: LONG[table], from: next, to: LAST_ADDRESS })
  return gaps
}
