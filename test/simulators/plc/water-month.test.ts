// A month of the waterworks with its people, in coarse scans: the meters add up, the book is kept, and nothing goes wrong.
import { describe, expect, it } from 'vitest'
import type { Log } from '#runtime/log.ts'
import { quietLog } from '#runtime/log.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { Operator } from '../../../simulators/plc/operator.ts'
import { readTag } from '../../../simulators/plc/tag-map.ts'
import { waterDuties } from '../../../simulators/plc/water-duties.ts'
import { WATER_MAP } from '../../../simulators/plc/water-map.ts'
import { createWaterWorks } from '../../../simulators/plc/water-plc.ts'
import { directLink } from '../../parts/direct-link.ts'

type Tag = keyof typeof WATER_MAP.tags
const TOWER_AREA = 200

async function playMonth(options: { seed: number; scanMs: number; startDay: number }) {
  const works = createWaterWorks({ ...options, startSeconds: 0 })
  const { plc, plant } = works
  const reads = (tag: Tag) => readTag(plc.image, WATER_MAP.tags[tag])
  const done = new Map<string, number>()
  const log: Log = {
    ...quietLog(),
    info: (fields: { duty?: string }) => done.set(fields.duty ?? '', (done.get(fields.duty ?? '') ?? 0) + 1)
  }
  const operator = new Operator({
    ...{ map: WATER_MAP, book: waterDuties, seed: options.seed, everySeconds: 30, log },
    connect: async (who) => directLink({ image: plc.image, host: who })
  })
  const lowest: Partial<Record<Tag, number>> = {}
  const highest: Partial<Record<Tag, number>> = {}
  const first = works.balances()
  const level = reads('tower.level')
  const hours = options.scanMs / 3_600_000
  const metered = { inflow: 0, outflow: 0 }
  while (plant.seconds < 30 * DAY_SECONDS) {
    await operator.look(plant.seconds)
    plc.scan()
    metered.inflow += reads('tower.inflow') * hours
    metered.outflow += reads('zone.flow') * hours
    for (const tag of WATCHED) {
      const value = reads(tag)
      lowest[tag] = Math.min(lowest[tag] ?? value, value)
      highest[tag] = Math.max(highest[tag] ?? value, value)
    }
  }
  return { works, reads, done, lowest, highest, first, metered, risen: (reads('tower.level') - level) * TOWER_AREA }
}

const ALARMS: Tag[] = [
  'tower.high-alarm',
  'tower.low-alarm',
  'pump1.fault',
  'pump2.fault',
  'zone2.low-alarm',
  'zone2.high-alarm',
  'wells.dry-run'
]
const BANDS: [Tag, number, number][] = [
  ['tower.level', 2, 5.4],
  ['chlorine.residual', 0.3, 1],
  ['zone.pressure', 1.8, 4.5],
  ['zone2.pressure', 2.4, 3.3],
  ['turbidity', 0.05, 1],
  ['chlorine.setpoint', 0.4, 0.7],
  ['tower.start-setpoint', 2.5, 3.5],
  ['tower.stop-setpoint', 4, 5],
  ['pump1.speed-setpoint', 70, 100],
  ['pump2.speed-setpoint', 70, 100],
  ['zone2.pressure-setpoint', 2.5, 3.2],
  ['zone2.meter-factor', 0.99, 1.01],
  ['shift.number', 1, 3]
]
const WATCHED: Tag[] = [...ALARMS, ...BANDS.map(([tag]) => tag), 'wash.running']

describe.each([
  { seed: 3, scanMs: 30_000, startDay: 15 },
  { seed: 8, scanMs: 15_000, startDay: 195 }
])('a month of the waterworks from day $startDay in scans of $scanMs ms', async (options) => {
  const month = await playMonth(options)

  it('closes its balances to the drop, and by its meters within half a per cent', () => {
    for (const [i, { name, received, given, held }] of month.works.balances().entries()) {
      expect(received, name).toBeGreaterThan(50_000)
      expect(Math.abs(received - given - (held - (month.first[i]?.held ?? 0))), name).toBeLessThan(1e-9 * received)
    }
    const { inflow, outflow } = month.metered
    expect(Math.abs(inflow - outflow - month.risen) / inflow).toBeLessThan(0.005)
    expect(month.reads('volume.total') - 1_284_300).toBeCloseTo(inflow, -2)
  })

  it('raises no alarm and keeps every value in its band', () => {
    expect(ALARMS.filter((tag) => month.highest[tag] !== 0)).toEqual([])
    for (const [tag, low, high] of BANDS) {
      expect(month.lowest[tag], tag).toBeGreaterThanOrEqual(low - 1e-9)
      expect(month.highest[tag], tag).toBeLessThanOrEqual(high + 1e-9)
    }
  })

  it('sees every duty of the book done', () => {
    const { done } = month
    for (const name of ['level-band', 'lower-zone-by-day', 'lower-zone-by-night', 'chlorine', 'speed'])
      expect(done.get(name), name).toBeGreaterThanOrEqual(29)
    expect(done.get('rotate-lead')).toBeGreaterThanOrEqual(28)
    expect(done.get('shift-change')).toBe(90)
    expect(done.get('shift-acknowledged')).toBeGreaterThanOrEqual(89)
    expect(done.get('maintenance')).toBeGreaterThan(10)
    expect(done.get('maintenance-ends')).toBe(done.get('maintenance'))
    expect(done.get('meter-calibration')).toBe(4)
    expect(done.get('filter-wash')).toBeGreaterThan(10)
    expect(month.highest['wash.running']).toBe(1)
    expect(month.reads('wash.volume') - 9_640).toBeGreaterThan(50)
    expect(month.reads('shift.open')).toBe(0)
  })
})
