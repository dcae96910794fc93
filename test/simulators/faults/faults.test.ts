// Every fault of every plant by one table: nothing before its start, something that its tags show after it, and nothing of it left
// when it is over.
import { describe, expect, it } from 'vitest'
import type { Label } from '#contract/label.ts'
import { FAULTS } from '../../../simulators/faults/faults.ts'
import { TROUBLES } from '../../../simulators/faults/troubles.ts'
import { mapOf } from '../../../simulators/maps.ts'
import { playOffline } from '../../../simulators/offline.ts'
import { PLANTS, type PlantKind } from '../../../simulators/plants/plant.ts'
import { readTag, tagNamed, writeTag } from '../../../simulators/plc/tag-map.ts'
import { Scenario } from '../../../simulators/scenario.ts'

const START = 120
const FOR = 300
const AFTER = 300

interface Play {
  fault: string
  with?: Record<string, unknown>
  /** Which tags show it, by more than they are noisy. */
  seen: readonly string[]
  /** Which of them show the same afterwards as if nothing had been, at once. */
  restored?: readonly string[]
  /** Written before the first scan. */
  before?: Record<string, number>
  /** How long it lasts, when its effect is slow. */
  lasts?: number
  tags?: readonly string[]
  hosts?: readonly string[]
  /** As the label names it. */
  name?: string
}

const trouble = (what: string, seen: readonly string[], more: Partial<Play> = {}): Play => ({
  ...{ fault: 'breakdown', with: { what }, seen, name: what },
  ...more
})
const instrument = (tag: string): Play[] => [
  { fault: 'sensor-dropout', with: { tag }, seen: [tag], restored: [tag], tags: [tag] },
  { fault: 'sensor-drift', with: { tag, percentPerDay: 100 }, seen: [tag], restored: [tag], tags: [tag] },
  { fault: 'sensor-drift', with: { tag, percentPerDay: 0, noisePercent: 3 }, seen: [tag], restored: [tag], tags: [tag] }
]
const ENGINEER = ['127.0.0.11']
const upkeep = (standby: string, factor: string): Play[] => [
  { fault: 'maintenance', seen: [standby], restored: [standby], tags: [standby], hosts: ENGINEER },
  { fault: 'maintenance', with: { work: 'calibration' }, seen: [factor], tags: [factor], hosts: ENGINEER }
]

const PLAYS: Readonly<Record<PlantKind, readonly Play[]>> = {
  water: [
    trouble('power', ['power.ok', 'pump1.speed', 'tower.inflow'], { restored: ['power.ok'] }),
    trouble('pump1-trip', ['pump1.speed', 'pump1.fault']),
    trouble('pump2-trip', ['pump2.speed', 'pump2.fault'], { before: { 'pump.lead': 2 } }),
    trouble('leak', ['zone.flow']),
    trouble('zone2-leak', ['zone2.flow']),
    trouble('main-leak', ['tower.inflow']),
    trouble('fire-flow', ['zone.flow', 'zone.pressure']),
    trouble('dirty-water', ['turbidity']),
    trouble('drought', ['well.level', 'well2.level'], { lasts: 1200 }),
    trouble('dosing-fault', ['chlorine.residual']),
    trouble('valve-hangs', ['zone2.pressure']),
    ...instrument('tower.level'),
    ...upkeep('pump2.auto', 'zone2.meter-factor')
  ],
  heat: [
    trouble('power', ['power.ok', 'secondary.flow'], { restored: ['power.ok'] }),
    trouble('boiler-trip', ['source.ok', 'boiler.temperature', 'mixing.position'], { restored: ['source.ok'] }),
    trouble('pump1-trip', ['pump1.speed', 'pump1.fault']),
    trouble('pump2-trip', ['pump2.speed', 'pump2.fault'], { before: { 'pump.lead': 2 } }),
    trouble('valve-stuck', ['valve.position'], { before: { 'curve.shift': 6 } }),
    trouble('leak', ['return.pressure']),
    trouble('window-open', ['room.temperature'], { lasts: 3600 }),
    trouble('exchanger-fouling', ['supply.temperature', 'heat.power']),
    trouble('cold-snap', ['outdoor.temperature']),
    ...instrument('secondary.flow'),
    ...upkeep('pump2.auto', 'meter.flow-factor')
  ],
  gas: [
    trouble('power', ['power.ok', 'heater.flame', 'odorant.running'], { restored: ['power.ok'] }),
    trouble('heater-trip', ['heater.flame', 'heater.power']),
    trouble('regulator-fail-open', ['outlet.pressure']),
    trouble('odorant-empty', ['odorant.rate']),
    trouble('leak', ['station.flow']),
    trouble('station-leak', ['station.gas']),
    trouble('inlet-drop', ['inlet.pressure']),
    trouble('filter-clogged', ['filter.drop']),
    trouble('slam-false-trip', ['line1.slammed', 'line1.flow']),
    ...instrument('outlet.pressure'),
    ...upkeep('line2.open', 'line1.meter-factor')
  ]
}

type Columns = Readonly<Record<string, number[]>>
interface Played {
  columns: Columns
  labels: readonly Label[]
  troubles: Readonly<Record<string, number>>
  /** Whether a client got an answer, second by second. */
  answered: readonly boolean[]
}
type Day = Pick<Play, 'before' | 'lasts'>

async function played(plant: PlantKind, { before = {}, lasts = FOR }: Day, steps: readonly object[] = []): Promise<Played> {
  const map = mapOf(plant)
  const scenario = Scenario.parse({ plant, seed: 5, startDay: 15, operator: { enabled: false }, timeline: steps })
  const columns: Record<string, number[]> = Object.fromEntries(Object.keys(map.tags).map((tag) => [tag, []]))
  const answered: boolean[] = []
  const { labels, scene } = await playOffline({
    ...{ scenario, seconds: START + lasts + AFTER, stepMs: 1000, startTime: 0 },
    onScan({ second, request, scene: { plc } }) {
      if (second === 1) for (const [tag, value] of Object.entries(before)) writeTag(plc.image, tagNamed(map, tag), value)
      for (const [tag, row] of Object.entries(map.tags)) columns[tag]?.push(readTag(plc.image, row))
      answered.push(request(Uint8Array.of(1, 0, 0, 0, 1)) !== null)
    }
  })
  return { columns, labels, troubles: { ...scene.works.troubles }, answered }
}

const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19)
const faulty = (plant: PlantKind, { fault, with: given = {}, ...day }: Play) =>
  played(plant, day, [{ at: clock(START), for: clock(day.lasts ?? FOR), fault, with: given }])

const quiet = new Map<string, Promise<Played>>()
function quietDay(plant: PlantKind, { before, lasts }: Day): Promise<Played> {
  const key = JSON.stringify([plant, before, lasts])
  const known = quiet.get(key) ?? played(plant, { ...(before === undefined ? {} : { before }), ...(lasts === undefined ? {} : { lasts }) })
  quiet.set(key, known)
  return known
}

const until = (columns: Columns, second: number) => Object.entries(columns).map(([tag, values]) => [tag, values.slice(0, second)])

describe.each(PLANTS)('faults of a %s plant', (plant) => {
  const map = mapOf(plant)
  const titled = PLAYS[plant].map((one) => [[one.fault, ...Object.values(one.with ?? {})].join(' '), one] as const)

  it.each(titled)('%s', async (_title, one) => {
    const { lasts = FOR, name = one.fault } = one
    const [clean, { columns, labels, troubles }] = await Promise.all([quietDay(plant, one), faulty(plant, one)])
    const end = START + lasts
    expect(until(columns, START)).toEqual(until(clean.columns, START))
    expect(labels).toMatchObject([{ kind: 'fault', name, technique: null, start: START * 1000, end: end * 1000 }])
    expect([labels[0]?.tags, labels[0]?.hosts]).toEqual([one.tags ?? [], one.hosts ?? []])
    for (const tag of one.seen) {
      const apart = columns[tag]?.slice(START, end).map((value, i) => Math.abs(value - (clean.columns[tag]?.[START + i] ?? 0))) ?? []
      // Both have the same noise; whoever sees only one of them must see it as well.
      expect(Math.max(...apart), tag).toBeGreaterThan(tagNamed(map, tag).deadband ?? 0)
    }
    for (const tag of one.restored ?? []) expect([tag, columns[tag]?.slice(end)]).toEqual([tag, clean.columns[tag]?.slice(end)])
    expect(troubles).toEqual(clean.troubles)
  })

  it('comms-loss: nobody gets an answer while it lasts, and the plant goes on as if nothing were', async () => {
    const [clean, { columns, answered, labels }] = await Promise.all([
      quietDay(plant, {}),
      faulty(plant, { fault: 'comms-loss', seen: [] })
    ])
    expect(answered.map((yes, second) => (yes ? -1 : second)).filter((second) => second >= 0)).toEqual(
      Array.from({ length: FOR }, (_, i) => START + i)
    )
    expect(columns).toEqual(clean.columns)
    expect(labels).toMatchObject([{ kind: 'fault', name: 'comms-loss', end: (START + FOR) * 1000 }])
  })

  it('are all in the table', () => {
    const breakdowns = PLAYS[plant].flatMap(({ fault, with: given }) => (fault === 'breakdown' ? [given?.['what']] : []))
    expect(new Set(breakdowns)).toEqual(new Set(Object.keys(TROUBLES[plant])))
    const others = new Set(PLAYS[plant].map(({ fault }) => fault))
    // These three are tested for themselves, as tags show little of them.
    expect(new Set([...others, 'comms-loss', 'slow-line', 'plc-restart'])).toEqual(new Set(Object.keys(FAULTS)))
  })
})

describe('faults whose parameters are wrong', () => {
  it.each([
    ['a trouble that the plant does not have', { fault: 'breakdown', with: { what: 'boiler-trip' } }],
    ['a tag that it does not have', { fault: 'sensor-dropout', with: { tag: 'supply.temperature' } }],
    ['a command where a measurement is needed', { fault: 'sensor-drift', with: { tag: 'pump1.auto' } }],
    ['a measurement where something to write is needed', { fault: 'maintenance', with: { tag: 'tower.level' } }],
    ['a correction as large as a forgery', { fault: 'maintenance', with: { work: 'calibration', percent: 20 } }],
    ['no tag', { fault: 'sensor-dropout' }],
    ['a restart with parameters', { fault: 'plc-restart', with: { hard: true } }]
  ])('are refused: %s', (_what, step) => {
    expect(Scenario.safeParse({ plant: 'water', timeline: [{ at: '00:01', ...step }] }).success).toBe(false)
  })
})
