// Twin days: the same seed, plant and troubles, with an attack and without it. What each day showed is kept second by second, so
// that whatever differs is the attack's doing.
import type { Label } from '#contract/label.ts'
import { mapOf } from '../../../simulators/maps.ts'
import { playOffline } from '../../../simulators/offline.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import { stretchesOf } from '../../../simulators/plc/modbus-desk.ts'
import type { ConnectionNews, Exchange } from '../../../simulators/plc/modbus-exchange.ts'
import { emptyImageOf, readTag, type TagMap } from '../../../simulators/plc/tag-map.ts'
import { Scenario } from '../../../simulators/scenario.ts'

export const START = 120
/** How long an attack lasts when its proof does not say. */
export const FOR = 180
/** And how much longer the day goes on. */
export const AFTER = 60
const SEED = 5
export const ATTACKER = '127.0.0.66'

export interface Day {
  startsAt?: string
  startDay?: number
  warmer?: number
  /** How long the attack lasts, in seconds. */
  lasts?: number
  /** What else happens, with the attack or without. */
  faults?: readonly { at: string; fault: string; for?: string; with?: unknown }[]
}

export type Columns = Readonly<Record<string, readonly number[]>>

/** The second counts how many have passed: what is told in it comes right after. */
export type Told = { second: number; unit: number; request: string; reply: string | null } & Pick<Exchange, 'client' | 'connection'>

export interface Played {
  /** What stands in the registers of the PLC. */
  image: Columns
  /** What an agent reads that asks for everything; NaN where there is no answer. */
  agent: Columns
  /** What passed at the PLC, and what people, attackers too, asked and heard. */
  atPlc: Told[]
  heard: Told[]
  connections: ({ second: number } & Pick<ConnectionNews, 'client' | 'what'>)[]
  labels: readonly Label[]
}

interface Step {
  attack: string
  with?: unknown
}

export const lastsOf = ({ lasts = FOR }: Day): number => lasts
const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19)

export async function playDay(plant: PlantKind, day: Day, step: Step | null, seed = SEED): Promise<Played> {
  const { startsAt, startDay, warmer = 0, faults = [] } = day
  const steps = step === null ? [] : [{ at: clock(START), for: clock(lastsOf(day)), ...step }]
  const scenario = Scenario.parse({
    ...{ plant, seed, startsAt, startDay, weather: { warmer } },
    ...{ operator: { everySeconds: 5 }, timeline: [...faults, ...steps] }
  })
  const map = mapOf(plant)
  const image = columnsOf(map)
  const agent = columnsOf(map)
  const played: Omit<Played, 'labels'> = { image, agent, atPlc: [], heard: [], connections: [] }
  const look = agentLook(map)
  let passed = 0
  const told = ({ client, connection, unit, request, reply }: Exchange): Told => ({
    ...{ second: passed, client, connection, unit, request: hex(request), reply: reply === null ? null : hex(reply) }
  })
  const { labels } = await playOffline({
    ...{ scenario, seconds: START + lastsOf(day) + AFTER, stepMs: 1000, startTime: 0 },
    onExchange: (exchange) => void played.atPlc.push(told(exchange)),
    onHeard: (exchange) => void played.heard.push(told(exchange)),
    onConnection: ({ client, what }) => void played.connections.push({ second: passed, client, what }),
    onScan: ({ scene, request, second }) => {
      for (const [tag, row] of Object.entries(map.tags)) image[tag]?.push(readTag(scene.plc.image, row))
      look(request, (tag, value) => agent[tag]?.push(value))
      passed = second
    }
  })
  return { ...played, labels }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const columnsOf = ({ tags }: TagMap): Record<string, number[]> => Object.fromEntries(Object.keys(tags).map((tag) => [tag, []]))

const CODES = { coils: 1, discreteInputs: 2, holdingRegisters: 3, inputRegisters: 4 } as const

function agentLook(map: TagMap) {
  const seen = emptyImageOf(map)
  const stretches = stretchesOf(map)
  return (request: (pdu: Uint8Array) => Buffer | null, put: (tag: string, value: number) => void) => {
    let silent = false
    for (const { table, address, count } of stretches) {
      const code = CODES[table]
      const reply = request(Uint8Array.of(code, address >> 8, address & 0xff, count >> 8, count & 0xff))
      silent ||= reply === null
      for (let i = 0; reply !== null && i < count; i++)
        seen[table][address + i] = code < 3 ? (reply.readUInt8(2 + (i >> 3)) >> (i & 7)) & 1 : reply.readUInt16BE(2 + i * 2)
    }
    for (const [tag, row] of Object.entries(map.tags)) put(tag, silent ? Number.NaN : readTag(seen, row))
  }
}

const quiet = new Map<string, Promise<Played>>()

/** The day without the attack; played once for all that have the same. */
export function quietDay(plant: PlantKind, day: Day): Promise<Played> {
  const key = `${plant} ${JSON.stringify(day)}`
  const known = quiet.get(key) ?? playDay(plant, day, null)
  quiet.set(key, known)
  return known
}

export const cut = (columns: Columns, from: number, to?: number): [string, readonly number[]][] =>
  Object.entries(columns).map(([tag, values]) => [tag, values.slice(from, to)])

/** The tags that differ between two days in a stretch of time. */
export const differing = (one: Columns, other: Columns, from: number, to?: number): string[] =>
  Object.keys(one).filter((tag) => {
    const [a = [], b = []] = [one[tag]?.slice(from, to), other[tag]?.slice(from, to)]
    return a.some((value, i) => !Object.is(value, b[i]))
  })

/** How far a tag is from its twin at most. */
export function farthest(one: Columns, other: Columns, tag: string, from: number, to?: number): number {
  const [a = [], b = []] = [one[tag]?.slice(from, to), other[tag]?.slice(from, to)]
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0)
}
