import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GAS_TROUBLES, GasPlant } from '../../../simulators/plants/gas.ts'
import { ATMOSPHERE } from '../../../simulators/plants/gas-law.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const bar = fc.double({ min: -1, max: 12, noNaN: true })
// What PLC and world might do to the station over a while; nonsense included, since attackers command too.
const happening = fc.record({
  step: fc.oneof(fc.double({ min: 0.01, max: 60, noNaN: true }), fc.constantFrom(0.01, 0.1, 1, 30, 60)),
  count: fc.integer({ min: 1, max: 150 }),
  worker: fc.tuple(bar, bar),
  monitor: fc.tuple(bar, bar),
  open: fc.tuple(fc.boolean(), fc.boolean()),
  reset: fc.boolean(),
  firing: fc.double({ min: -1, max: 2, noNaN: true }),
  dosing: fc.double({ min: -100, max: 5000, noNaN: true }),
  refill: fc.boolean(),
  trouble: fc.constantFrom(...GAS_TROUBLES),
  amount: fc.oneof(fc.constant(0), share, fc.double({ min: 0, max: 30_000, noNaN: true }))
})

function befall(plant: GasPlant, given: (typeof happening extends fc.Arbitrary<infer Value> ? Value : never) | undefined): void {
  if (given === undefined) return
  for (const i of [0, 1] as const) {
    const line = plant.actuators.lines[i]
    line.worker = given.worker[i]
    line.monitor = given.monitor[i]
    line.open = given.open[i]
    line.reset = given.reset
  }
  plant.actuators.firing = given.firing
  plant.actuators.odorant.rate = given.dosing
  plant.actuators.odorant.refill = given.refill
  plant.troubles[given.trouble] = given.amount
}

const missing = (plant: GasPlant, before: ReturnType<GasPlant['balances']>) =>
  plant.balances().map(({ received, given, held }, i) => (received - given - (held - (before[i]?.held ?? 0))) / Math.max(received, held))

describe('the gate station', () => {
  it('loses no gas and no odorant and makes none, at any step and whatever befalls it', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(364), (happenings, seed, startDay) => {
        const plant = new GasPlant({ seed, startDay })
        const before = plant.balances()
        for (const given of happenings) {
          befall(plant, given)
          for (let i = 0; i < given.count; i++) plant.step(given.step)
          for (const error of missing(plant, before)) expect(Math.abs(error)).toBeLessThan(1e-9)
          expect(plant.network.header).toBeGreaterThan(ATMOSPHERE * 0.9)
          expect(plant.network.header).toBeLessThan(40)
          expect(plant.network.end).toBeGreaterThan(ATMOSPHERE * 0.9)
          expect(plant.odorant.level).toBeGreaterThanOrEqual(0)
          expect(plant.odorant.atEnd).toBeGreaterThanOrEqual(0)
          expect(Math.abs(plant.heater.bath)).toBeLessThan(120)
        }
      }),
      { numRuns: 60 }
    )
  })

  it.each([0.05, 1, 30, 60])('holds its pressures in steps of %d s, without hunting', (step) => {
    const plant = new GasPlant({ seed: 3, startDay: 15, startSeconds: 3 * 3600 })
    const pressures: number[] = []
    for (let i = 0; i < 3600 / step; i++) {
      plant.step(step)
      pressures.push(plant.network.header - ATMOSPHERE)
    }
    const late = pressures.slice(pressures.length / 2)
    expect(Math.max(...late)).toBeLessThan(4.06)
    expect(Math.min(...late)).toBeGreaterThan(3.95)
    expect(Math.max(...late) - Math.min(...late)).toBeLessThan(0.04)
  })

  it('draws several times as much in winter as in summer, and more in the evening than at night', () => {
    const drawn = (startDay: number, hour: number) => {
      const plant = new GasPlant({ seed: 5, startDay, startSeconds: hour * 3600 })
      for (let i = 0; i < 120; i++) plant.step(30)
      return plant.volumes.drawn
    }
    expect(drawn(15, 3)).toBeGreaterThan(1.7 * drawn(196, 3))
    expect(drawn(196, 18)).toBeGreaterThan(1.5 * drawn(196, 2))
  })

  it('cools the gas by half a degree for each bar that it takes off', () => {
    const plant = new GasPlant({ seed: 1, startDay: 15 })
    for (let i = 0; i < 600; i++) plant.step(10)
    const reduction = plant.beforeLines - plant.network.header
    expect(plant.heater.warmed - plant.heater.reduced).toBeCloseTo(reduction / 2, 0)
  })

  it('carries the odorant to the end of the network only with the gas', () => {
    const plant = new GasPlant({ seed: 1, startDay: 15 })
    plant.actuators.odorant.rate = 0
    const before = plant.odorant.atEnd
    for (let i = 0; i < 120; i++) plant.step(1)
    expect(plant.odorant.atEnd / before).toBeGreaterThan(0.99)
    for (let i = 0; i < 7200; i++) plant.step(1)
    expect(plant.odorant.atEnd / before).toBeLessThan(0.2)
  })

  it('says the same for the same seed, and something else for another', () => {
    const record = (seed: number) => {
      const plant = new GasPlant({ seed })
      return Array.from({ length: 100 }, () => {
        plant.step(0.1)
        return structuredClone(plant.signals)
      })
    }
    expect(record(4)).toEqual(record(4))
    expect(record(5)).not.toEqual(record(4))
  })
})
