import { describe, expect, it } from 'vitest'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { isNight, supplyBy } from '../../../simulators/plc/heat-curve.ts'
import { HEAT_MAP, type HeatTag } from '../../../simulators/plc/heat-map.ts'
import { createHeatPlc } from '../../../simulators/plc/heat-plc.ts'
import { readTag, writeTag } from '../../../simulators/plc/tag-map.ts'

const NOON = 12 * 3600

function begin(options: Partial<Parameters<typeof createHeatPlc>[0]> = {}) {
  const { plant, plc } = createHeatPlc({ seed: 1, startSeconds: NOON, startDay: 15, scanMs: 1000, ...options })
  return {
    ...{ plant, plc },
    run(seconds: number, each: () => void = () => {}) {
      for (let i = 0; i < (seconds * 1000) / plc.scanMs; i++) {
        plc.scan()
        each()
      }
    },
    reads: (tag: HeatTag) => readTag(plc.image, HEAT_MAP.tags[tag]),
    is: (tag: HeatTag) => readTag(plc.image, HEAT_MAP.tags[tag]) === 1,
    set: (tag: HeatTag, value: number) => writeTag(plc.image, HEAT_MAP.tags[tag], value)
  }
}

describe('a day of the heating station under its PLC', () => {
  it.each([
    { kind: 'cold', startDay: 15, warmer: -6, above: 48 },
    { kind: 'mild', startDay: 85, warmer: 0, above: 30 }
  ])('keeps the supply on its curve on a $kind day, and the rooms warm', ({ startDay, warmer, above }) => {
    const works = begin({ startDay, weather: { warmer }, startSeconds: 6.5 * 3600 })
    works.run(1800)
    const errors: number[] = []
    works.run(13 * 3600, () => errors.push(Math.abs(works.reads('supply.temperature') - works.reads('supply.wanted'))))
    expect(works.is('heating.active')).toBe(true)
    expect(works.reads('supply.wanted')).toBeGreaterThan(above)
    expect(Math.max(...errors)).toBeLessThan(3)
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.5)
    expect(works.reads('room.temperature')).toBeGreaterThan(18.5)
    expect(works.reads('room.temperature')).toBeLessThan(24)
  })

  it('lowers the supply at night and raises it again in the morning', () => {
    const works = begin({ startSeconds: 21 * 3600 })
    works.run(3600)
    const evening = works.reads('supply.temperature')
    works.run(1.5 * 3600)
    expect(works.is('night.active')).toBe(true)
    expect(works.reads('supply.temperature')).toBeLessThan(evening - 3)
    works.run(7 * 3600)
    expect(works.is('night.active')).toBe(false)
    expect(works.reads('supply.temperature')).toBeGreaterThan(works.reads('supply.minimum') + 15)
    works.set('night.enable', 0)
    works.set('night.start', 0)
    works.set('night.end', 1439)
    works.run(60)
    expect(works.is('night.active')).toBe(false)
  })

  it('does not heat in summer, and gives hot water all the same', () => {
    const works = begin({ startDay: 200 })
    works.run(3600)
    expect(works.is('heating.active')).toBe(false)
    expect(works.is('pump1.running')).toBe(false)
    expect(works.reads('hotwater.temperature')).toBeCloseTo(55, 0)
    expect(works.reads('heat.power')).toBeGreaterThan(50)
  })

  it('keeps its pressure between the make-up setpoints over days', () => {
    const works = begin({ scanMs: 5000 })
    const pressures: number[] = []
    works.run(3 * DAY_SECONDS, () => pressures.push(works.reads('return.pressure')))
    expect(Math.min(...pressures)).toBeGreaterThan(2.6)
    expect(Math.max(...pressures)).toBeLessThan(4)
    expect(works.reads('makeup.volume')).toBeGreaterThan(3219)
  })
})

describe('when something breaks', () => {
  it('brings the other pump when the lead trips, and takes the trip back when it is switched off', () => {
    const works = begin()
    works.run(300)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, false])
    works.plant.troubles['pump1-trip'] = 1
    works.run(60)
    expect(works.is('pump1.fault')).toBe(true)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([false, true])
    works.run(60)
    expect(works.reads('secondary.flow')).toBeGreaterThan(200)
    works.plant.troubles['pump1-trip'] = 0
    works.run(60)
    expect(works.is('pump1.fault')).toBe(true)
    works.set('pump1.auto', 0)
    works.run(2)
    works.set('pump1.auto', 1)
    works.run(60)
    expect(works.is('pump1.fault')).toBe(false)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, false])
  })

  it('makes up a leak, and alarms and saves its pumps when the leak is too big for it', () => {
    const works = begin()
    works.run(300)
    works.plant.troubles.leak = 2
    works.run(3600)
    expect(works.reads('return.pressure')).toBeGreaterThan(2.6)
    works.plant.troubles.leak = 40
    works.run(3600)
    expect(works.is('pressure.low-alarm')).toBe(true)
    expect(works.is('pump1.running')).toBe(false)
    expect(works.is('pump1.fault')).toBe(false)
  })

  it('says that the source is cold, and comes back by itself after a power cut', () => {
    const works = begin()
    works.run(600)
    works.plant.troubles.power = 1
    works.run(120)
    expect(works.is('power.ok')).toBe(false)
    expect(works.reads('secondary.flow')).toBe(0)
    works.plant.troubles.power = 0
    works.plant.troubles['boiler-trip'] = 1
    works.run(3600)
    expect(works.is('source.ok')).toBe(false)
    expect(works.is('pump1.running')).toBe(true)
    expect(works.reads('primary.supply-temperature')).toBeLessThan(85)
  })

  it('cannot hold its curve with a valve that sticks', () => {
    const works = begin()
    works.run(1800)
    works.plant.troubles['valve-stuck'] = 1
    works.set('curve.shift', 10)
    works.run(1800)
    expect(works.reads('valve.output')).toBeGreaterThan(works.reads('valve.position') + 10)
    expect(works.reads('supply.wanted') - works.reads('supply.temperature')).toBeGreaterThan(4)
  })

  it('says that a loop without circulation may freeze, and warms it when it can', () => {
    const works = begin({ weather: { warmer: -12 }, scanMs: 10_000 })
    works.set('pump1.auto', 0)
    works.set('pump2.auto', 0)
    for (let hour = 0; hour < 200 && !works.is('frost.active'); hour++) works.run(3600)
    expect(works.is('frost.active')).toBe(true)
    works.set('pump2.auto', 1)
    works.run(3600)
    expect(works.is('pump2.running')).toBe(true)
    expect(works.is('frost.active')).toBe(false)
    expect(works.reads('return.temperature')).toBeGreaterThan(20)
  })
})

describe('what people write', () => {
  it('acts on the plant', () => {
    const works = begin()
    works.run(1800)
    const before = works.reads('supply.temperature')
    works.set('curve.shift', 8)
    works.run(1800)
    expect(works.reads('supply.temperature')).toBeGreaterThan(before + 6)
    works.set('pump.speed-setpoint', 60)
    works.run(120)
    expect(works.reads('pump1.speed')).toBeCloseTo(60, 0)
    works.set('pump.lead', 2)
    works.run(60)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([false, true])
    works.set('valve.auto', 0)
    works.set('valve.hand-position', 20)
    works.run(180)
    expect(works.reads('valve.position')).toBeCloseTo(20, 0)
  })

  it('counts only as far as the range of the setpoint goes', () => {
    const works = begin()
    works.set('curve.slope', 30)
    works.set('supply.maximum', 300)
    works.run(60)
    expect(works.reads('supply.wanted')).toBeLessThanOrEqual(95)
  })

  it('shuts the valve above the high temperature limit, in hand as well', () => {
    const works = begin()
    works.run(600)
    works.set('supply.high-limit', 40)
    works.set('valve.auto', 0)
    works.set('valve.hand-position', 100)
    let hot = false
    works.run(1200, () => {
      hot ||= works.is('supply.high-alarm')
    })
    expect(hot).toBe(true)
    expect(works.reads('supply.temperature')).toBeLessThan(60)
  })

  it('flushes the strainer once for each press of the button', () => {
    const works = begin()
    works.run(600)
    const before = works.reads('strainer.pressure-drop')
    works.set('strainer.flush', 1)
    works.run(120)
    expect(works.is('strainer.flush')).toBe(false)
    expect(works.reads('strainer.pressure-drop')).toBeLessThan(before - 0.01)
  })
})

describe('a month by the meters', () => {
  const works = begin({ scanMs: 10_000, startSeconds: 0 })
  const tags = ['heat.energy', 'secondary.energy', 'hotwater.energy', 'makeup.volume'] as const
  const counted = () => tags.map((tag) => works.reads(tag))
  const held = works.plant.balances().map((balance) => balance.held)
  const before = counted()
  works.run(30 * DAY_SECONDS)
  const [heat = 0, secondary = 0, hotWater = 0, makeup = 0] = counted().map((value, i) => value - (before[i] ?? 0))
  const { totals } = works.plant

  it('closes within 0.5 %: what came from the boilers went into the loop and the hot water', () => {
    expect(Math.abs(heat - secondary - hotWater) / heat).toBeLessThan(0.005)
    expect(Math.abs(heat - totals.primary / 1000) / heat).toBeLessThan(0.005)
  })

  it('closes within 0.5 % for the water made up', () => {
    expect(Math.abs(makeup - totals.madeUp) / makeup).toBeLessThan(0.005)
  })

  it('closes by truth', () => {
    for (const [i, { received, given, held: now }] of works.plant.balances().entries())
      expect(Math.abs(received - given - (now - (held[i] ?? 0))) / received).toBeLessThan(1e-6)
  })
})

describe('the map', () => {
  it('gives each place to one tag, each alarm a tag, and all within what the PLC serves', () => {
    const places = Object.values(HEAT_MAP.tags).map(({ place }) => `${place.table} ${place.address} ${'bit' in place ? place.bit : ''}`)
    expect(new Set(places).size).toBe(places.length)
    const { plc } = begin()
    expect(plc.image.has('inputRegisters', 0, 8)).toBe(true)
    for (const gap of [8, 9, 21, 43, 48]) expect(plc.image.has('inputRegisters', gap, 1)).toBe(false)
  })
})

describe('the heating curve', () => {
  const curve = { slope: 1.3, shift: 0, minimum: 25, maximum: 75, reduction: 0 }
  it('bends, shifts and stays within its limits', () => {
    expect(supplyBy(curve, -9)).toBeCloseTo(57.7, 1)
    expect(supplyBy(curve, 10)).toBeCloseTo(36.1, 1)
    expect(supplyBy({ ...curve, shift: 3 }, -9)).toBeCloseTo(60.7, 1)
    expect(supplyBy({ ...curve, reduction: 6 }, -9)).toBeCloseTo(51.7, 1)
    expect(supplyBy(curve, -40)).toBe(75)
    expect(supplyBy(curve, 25)).toBe(25)
  })

  it('knows nights that reach over midnight', () => {
    expect([1350, 0, 329].every((minute) => isNight(minute, 1350, 330))).toBe(true)
    expect([330, 720, 1349].some((minute) => isNight(minute, 1350, 330))).toBe(false)
    expect(isNight(60, 30, 90)).toBe(true)
    expect(isNight(60, 60, 60)).toBe(false)
  })
})
