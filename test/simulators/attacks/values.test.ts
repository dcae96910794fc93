import { describe, expect, it } from 'vitest'
import type { Attack } from '../../../simulators/attacks/attack.ts'
import { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { MAPS } from '../../../simulators/maps.ts'
import { type OfflineOptions, simulateOffline } from '../../../simulators/offline.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import { stretchesOf } from '../../../simulators/plc/modbus-desk.ts'
import { emptyImageOf, readTag, type TagMap } from '../../../simulators/plc/tag-map.ts'

const START = 120
const FOR = 180
const SECONDS = 360

interface Play {
  with?: Record<string, unknown>
  /** What else the day must offer. */
  day?: Partial<Pick<OfflineOptions, 'startsAt' | 'operator' | 'seconds'>>
  technique: string
  tags: string[]
  hosts?: string[]
  /** The tags that an agent must see changed; those of the label when it does not say. */
  seen?: string[]
  /** What was written and must stand as it was when the attack is over. */
  restores?: string[]
}

const FROM = ['127.0.0.66']
const LEVEL = { technique: 'T0856', tags: ['tower.level'] }
const SUPPLY = { technique: 'T0856', tags: ['supply.temperature'] }
const PRESSURE = { technique: 'T0856', tags: ['outlet.pressure'] }

const WATER: Record<string, Play> = {
  'setpoint-tamper': { technique: 'T0836', tags: ['chlorine.setpoint'], hosts: FROM, restores: ['chlorine.setpoint'] },
  'setpoint-salami': { technique: 'T0836', tags: ['chlorine.setpoint'], hosts: FROM, restores: ['chlorine.setpoint'] },
  'pump-stop': {
    technique: 'T0855',
    tags: ['pump1.auto', 'pump1.hand'],
    hosts: FROM,
    seen: ['pump1.auto', 'pump1.speed'],
    restores: ['pump1.auto']
  },
  'pump-slowdown': {
    ...{ technique: 'T0836', tags: ['pump1.speed-setpoint', 'pump1.speed', 'pump1.flow', 'pump1.current'], hosts: FROM },
    ...{ seen: ['pump1.speed-setpoint', 'tower.inflow'], restores: ['pump1.speed-setpoint'] }
  },
  'valve-hammer': {
    technique: 'T0806',
    tags: ['zone2.open'],
    hosts: FROM,
    seen: ['zone2.open', 'zone2.inlet-pressure'],
    restores: ['zone2.open']
  },
  'alarm-limit-raise': { technique: 'T0838', tags: ['tower.high-limit'], hosts: FROM, restores: ['tower.high-limit'] },
  'alarm-suppression': { with: { tag: 'power.ok' }, technique: 'T0878', tags: ['power.ok'] },
  'chlorine-overdose': {
    ...{ technique: 'T0836', tags: ['chlorine.setpoint', 'chlorine.residual'], hosts: FROM },
    ...{ seen: ['chlorine.setpoint', 'chlorine.residual', 'dosing.rate'], restores: ['chlorine.setpoint'] }
  },
  'chlorine-underdose': {
    ...{ technique: 'T0855', tags: ['dosing.enable', 'chlorine.residual'], hosts: FROM },
    ...{ seen: ['dosing.enable', 'dosing.rate', 'dosing.running'], restores: ['dosing.enable'] }
  },
  'sensor-freeze': LEVEL,
  'sensor-bias': LEVEL,
  'report-drift': LEVEL,
  'report-noise': LEVEL,
  'report-scaling': LEVEL,
  replay: {
    ...{ with: { agoSeconds: 100, stretchSeconds: 60 }, technique: 'T0856' },
    tags: ['tower.level', 'tower.inflow', 'zone.flow', 'zone.pressure', 'chlorine.residual']
  },
  'totaliser-rollback': { technique: 'T0856', tags: ['volume.total'] },
  'spoofed-reply': { technique: 'T0832', tags: ['tower.level'] },
  'spoofed-request': {
    ...{ day: { startsAt: 'mon 08:30', operator: true, seconds: 3600 }, technique: 'T0831', tags: ['chlorine.setpoint'] }
  }
}

const GAS: Record<string, Play> = {
  'setpoint-tamper': { technique: 'T0836', tags: ['outlet.pressure-setpoint'], hosts: FROM, restores: ['outlet.pressure-setpoint'] },
  'setpoint-salami': { technique: 'T0836', tags: ['outlet.pressure-setpoint'], hosts: FROM, restores: ['outlet.pressure-setpoint'] },
  'valve-hammer': { technique: 'T0806', tags: ['line1.open'], hosts: FROM, seen: ['line1.open', 'line1.flow'], restores: ['line1.open'] },
  'alarm-limit-raise': { technique: 'T0838', tags: ['outlet.high-limit'], hosts: FROM, restores: ['outlet.high-limit'] },
  'regulator-overpressure': {
    technique: 'T0836',
    tags: ['outlet.high-limit', 'line1.monitor-setpoint', 'line2.monitor-setpoint', 'outlet.pressure-setpoint'],
    ...{ hosts: FROM, seen: ['outlet.pressure-setpoint', 'outlet.pressure', 'outlet.high-limit'] },
    restores: ['outlet.high-limit', 'line1.monitor-setpoint', 'line2.monitor-setpoint', 'outlet.pressure-setpoint']
  },
  'odorant-stop': {
    technique: 'T0855',
    tags: ['odorant.enable', 'odorant.rate', 'odorant.running', 'odorant.concentration', 'odorant.alarm'],
    ...{ hosts: FROM, seen: ['odorant.enable', 'odorant.rate'], restores: ['odorant.enable'] }
  },
  'sensor-freeze': PRESSURE,
  'sensor-bias': PRESSURE,
  'report-drift': PRESSURE,
  'report-noise': PRESSURE,
  'report-scaling': PRESSURE,
  'totaliser-rollback': { technique: 'T0856', tags: ['station.total'] },
  'spoofed-reply': { technique: 'T0832', tags: ['outlet.pressure'] },
  'alarm-suppression': { with: { tag: 'power.ok' }, technique: 'T0878', tags: ['power.ok'] },
  replay: {
    ...{ with: { agoSeconds: 100, stretchSeconds: 60 }, technique: 'T0856' },
    tags: ['outlet.pressure', 'network.pressure', 'station.flow', 'odorant.concentration']
  },
  'spoofed-request': {
    ...{ day: { startsAt: 'mon 05:00', operator: true, seconds: 3600 }, technique: 'T0831', tags: ['outlet.pressure-setpoint'] }
  }
}

const HEAT: Record<string, Play> = {
  'setpoint-tamper': { technique: 'T0836', tags: ['curve.shift'], hosts: FROM, restores: ['curve.shift'] },
  'setpoint-salami': { technique: 'T0836', tags: ['curve.shift'], hosts: FROM, restores: ['curve.shift'] },
  'pump-stop': {
    technique: 'T0855',
    tags: ['pump1.auto', 'pump1.hand'],
    hosts: FROM,
    seen: ['pump1.auto', 'pump1.speed'],
    restores: ['pump1.auto']
  },
  'pump-slowdown': {
    ...{ technique: 'T0836', tags: ['pump.speed-setpoint', 'pump1.speed', 'pump1.current', 'secondary.flow'], hosts: FROM },
    ...{ seen: ['pump.speed-setpoint', 'heat.power'], restores: ['pump.speed-setpoint'] }
  },
  'valve-hammer': {
    technique: 'T0806',
    tags: ['valve.auto'],
    hosts: FROM,
    seen: ['valve.auto', 'valve.position'],
    restores: ['valve.auto']
  },
  'alarm-limit-raise': { technique: 'T0838', tags: ['supply.high-limit'], hosts: FROM, restores: ['supply.high-limit'] },
  'alarm-suppression': { with: { tag: 'source.ok' }, technique: 'T0878', tags: ['source.ok'] },
  'heating-shift': {
    ...{ technique: 'T0836', tags: ['curve.shift', 'supply.temperature', 'room.temperature'], hosts: FROM },
    ...{ seen: ['curve.shift', 'supply.temperature', 'valve.position'], restores: ['curve.shift'] }
  },
  'sensor-freeze': SUPPLY,
  'sensor-bias': SUPPLY,
  'report-drift': SUPPLY,
  'report-noise': SUPPLY,
  'report-scaling': SUPPLY,
  replay: {
    ...{ with: { agoSeconds: 100, stretchSeconds: 60 }, technique: 'T0856' },
    tags: ['supply.temperature', 'return.temperature', 'secondary.flow', 'heat.power']
  },
  'totaliser-rollback': { technique: 'T0856', tags: ['heat.energy'] },
  'spoofed-reply': { technique: 'T0832', tags: ['supply.temperature'] },
  'spoofed-request': {
    ...{ day: { startsAt: 'mon 15:55', operator: true, seconds: 4200 }, technique: 'T0831', tags: ['night.reduction'] }
  }
}

const ALL: Partial<Record<PlantKind, Record<string, Play>>> = { water: WATER, heat: HEAT, gas: GAS }

type Columns = Record<string, number[]>

// What an agent that asks for everything would have seen, second by second.
async function day(map: TagMap, options: Partial<OfflineOptions>) {
  const seen = emptyImageOf(map)
  const columns: Columns = Object.fromEntries(Object.keys(map.tags).map((tag) => [tag, []]))
  const stretches = stretchesOf(map)
  const { labels } = await simulateOffline({
    ...{ plant: map.plant, seconds: SECONDS, stepMs: 1000, seed: 5, operator: false, startTime: 0 },
    ...options,
    onScan({ request }) {
      for (const { table, address, count } of stretches) {
        const code = { coils: 1, discreteInputs: 2, holdingRegisters: 3, inputRegisters: 4 }[table]
        const reply = request(Uint8Array.of(code, address >> 8, address & 0xff, count >> 8, count & 0xff)) ?? Buffer.alloc(0)
        for (let i = 0; i < count; i++)
          seen[table][address + i] = code < 3 ? (reply.readUInt8(2 + (i >> 3)) >> (i & 7)) & 1 : reply.readUInt16BE(2 + i * 2)
      }
      for (const [tag, row] of Object.entries(map.tags)) columns[tag]?.push(readTag(seen, row))
    }
  })
  return { columns, labels }
}

const clean = new Map<string, Promise<Awaited<ReturnType<typeof day>>>>()
function cleanDay(map: TagMap, options: Partial<OfflineOptions>) {
  const key = `${map.plant} ${JSON.stringify(options)}`
  const known = clean.get(key) ?? day(map, options)
  clean.set(key, known)
  return known
}

const until = (columns: Columns, second: number) => Object.entries(columns).map(([tag, values]) => [tag, values.slice(0, second)])
const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19)

describe.each(Object.values(MAPS).filter(({ plant }) => plant in ALL))('attacks on the values of a $plant plant', (map) => {
  const plays = Object.entries(ALL[map.plant] ?? {})

  it.each(plays)('%s', async (name, play) => {
    const { seconds = SECONDS } = play.day ?? {}
    const lasts = seconds - SECONDS + FOR
    const attack = { at: clock(START), for: clock(lasts), attack: name, with: play.with ?? {} }
    const quiet = await cleanDay(map, play.day ?? {})
    const { columns, labels } = await day(map, { ...play.day, attacks: [attack] })
    expect(until(columns, START)).toEqual(until(quiet.columns, START))
    expect(labels).toMatchObject([{ kind: 'attack', name, technique: play.technique, start: START * 1000, end: (START + lasts) * 1000 }])
    expect(labels[0]?.tags).toEqual(play.tags)
    expect(labels[0]?.hosts).toEqual(play.hosts ?? [])
    for (const tag of play.seen ?? play.tags)
      expect([tag, columns[tag]?.slice(START, START + lasts)]).not.toEqual([tag, quiet.columns[tag]?.slice(START, START + lasts)])
    for (const tag of play.restores ?? []) expect([tag, columns[tag]?.at(-1)]).toEqual([tag, quiet.columns[tag]?.at(-1)])
    expect(await day(map, { ...play.day, attacks: [attack] })).toEqual({ columns, labels })
  })

  it('are all in the table, but for those on the network, over OPC UA and on our own eyes', () => {
    const names = Object.entries(ATTACKS as Record<string, Attack>).flatMap(([name, { plants = [], needs = [] }]) =>
      plants.includes(map.plant) && !needs.includes('opcua') && !needs.includes('eyes') ? [name] : []
    )
    expect(names.filter((name) => ALL[map.plant]?.[name] === undefined)).toEqual([])
  })
})
