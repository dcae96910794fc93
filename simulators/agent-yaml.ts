// The config with which an agent reads a PLC of the simulators, as a utility would write it: from the tag map come places, scales,
// titles and what must never be read. The agent's own schema is not known here; the tests hold the text to it.
import { stretchesOf } from './plc/modbus-desk.ts'
import { TABLES, type Table } from './plc/register-image.ts'
import { wordsOf } from './plc/registers.ts'
import { isRegister, type TagMap, type TagRow } from './plc/tag-map.ts'

export interface AgentYamlOptions {
  map: TagMap
  site: string
  agent?: string
  device?: string
  host?: string
  port?: number
  unit?: number
  framing?: 'tcp' | 'rtu-over-tcp'
  /** The most requests per second that the PLC is to be asked; the agent's own limit without it. */
  budget?: number | undefined
  broker?: Record<string, unknown>
  outbox?: string
  /** Tags that are not in the config. */
  without?: readonly string[]
}

/** How often values and what people set are read, in milliseconds. */
export interface Pace {
  values: number
  set: number
}

/** The quickest first. */
export const PACES: readonly Pace[] = [
  { values: 1000, set: 1000 },
  { values: 1000, set: 2000 },
  { values: 2000, set: 2000 },
  { values: 2000, set: 5000 },
  { values: 5000, set: 5000 },
  { values: 10_000, set: 10_000 }
]

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

/** The quickest pace that asks the PLC no more often than that. */
export function usualPace(map: TagMap, mostPerSecond: number): Pace {
  const slowest = PACES.at(-1)
  if (slowest === undefined) throw new RangeError('no pace')
  return PACES.find((pace) => requestsPerSecond(map, pace) <= mostPerSecond) ?? slowest
}

function requestsPerSecond(map: TagMap, { values, set }: Pace): number {
  if (values === set) return (stretchesOf(map).length * 1000) / values
  const part = (slower: boolean) => {
    const tags = Object.fromEntries(Object.entries(map.tags).filter(([, row]) => isSet(row) === slower))
    return stretchesOf({ ...map, tags }).length
  }
  return (part(false) * 1000) / values + (part(true) * 1000) / set
}

const isSet = ({ role }: TagRow): boolean => role === 'setpoint' || role === 'command'

export function agentYaml(options: AgentYamlOptions, pace: Pace): string {
  const { map, site, agent = 'edge-1', device: id = 'plc-1', host = '127.0.0.1', port = 502, unit, framing, budget, without = [] } = options
  const { broker = { url: 'mqtt://127.0.0.1:1883' }, outbox = './data/outbox.db' } = options
  const protocol = framing === 'rtu-over-tcp' ? 'modbus-rtu-over-tcp' : 'modbus-tcp'
  const forbidden = TABLES.flatMap((table) => gapsOf(map, table))
  const given = { ...(unit === undefined ? {} : { unit }), ...(budget === undefined ? {} : { budget: { requestsPerSecond: budget } }) }
  const device = { id, protocol, host, port, ...given, forbidden }
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

function tagOf(name: string, row: TagRow, { values, set }: Pace) {
  const { title, role, place, unit, range, deadband } = row
  const common = { name, at: placeOf(place), role, title, ...(set !== values && isSet(row) ? { cadenceMs: set } : {}) }
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
