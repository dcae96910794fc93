import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeatPlant, type HeatTrouble } from '../../../simulators/plants/heat.ts'
import { effectiveness } from '../../../simulators/plants/heat-exchanger.ts'

// What the PLC and the world might do over a while; nonsense included, since attackers command too.
const spell = fc.record({
  steps: fc.integer({ min: 5, max: 60 }),
  seconds: fc.double({ min: 0.01, max: 60, noNaN: true }),
  run: fc.tuple(fc.boolean(), fc.boolean()),
  speed: fc.tuple(fc.double({ min: -50, max: 250, noNaN: true }), fc.double({ min: -50, max: 250, noNaN: true })),
  valve: fc.double({ min: -50, max: 200, noNaN: true }),
  makeup: fc.boolean(),
  flush: fc.boolean(),
  trouble: fc.constantFrom<HeatTrouble>('power', 'boiler-trip', 'pump1-trip', 'leak', 'valve-stuck', 'window-open', 'exchanger-fouling'),
  amount: fc.double({ min: 0, max: 3, noNaN: true })
})

function carryOut(plant: HeatPlant, { run = [true, false], speed = [85, 85], valve = 60, makeup = false, flush = false }): void {
  for (const i of [0, 1] as const) {
    plant.actuators.pumps[i].run = run[i] ?? false
    plant.actuators.pumps[i].speed = speed[i] ?? 0
  }
  Object.assign(plant.actuators, { valve, makeup, flush })
}
function run(plant: HeatPlant, seconds: number, step = 1): void {
  for (let i = 0; i < seconds / step; i++) plant.step(step)
}

describe('the heating station', () => {
  it('loses no heat and no water and makes none, whatever is commanded, breaks, or however long the steps are', () => {
    fc.assert(
      fc.property(
        fc.array(spell, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 0x7fffffff }),
        fc.integer({ min: 0, max: 364 }),
        (spells, seed, startDay) => {
          const plant = new HeatPlant({ seed, startDay })
          const start = plant.balances()
          for (const given of spells) {
            carryOut(plant, given)
            plant.troubles[given.trouble] = given.amount
            for (let i = 0; i < given.steps; i++) plant.step(given.seconds)
            plant.troubles[given.trouble] = 0
            for (const [i, { received, given: out, held }] of plant.balances().entries()) {
              const missing = received - out - (held - (start[i]?.held ?? 0))
              expect(Math.abs(missing) / Math.max(1, received)).toBeLessThan(1e-6)
            }
            expect(plant.vessel.content).toBeGreaterThanOrEqual(-1e-9)
            expect(plant.truth.returnPressure).toBeLessThan(8)
            for (const temperature of [plant.loop.supply, plant.loop.back, plant.source.temperature]) {
              expect(temperature).toBeGreaterThan(0)
              expect(temperature).toBeLessThan(125)
            }
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it('carries what the plates pass on into the rooms: more valve, warmer supply', () => {
    const warmth = (valve: number) => {
      const plant = new HeatPlant({ seed: 1, startDay: 15 })
      carryOut(plant, { valve })
      run(plant, 3600)
      return plant.truth.secondarySupply
    }
    expect(warmth(80)).toBeGreaterThan(warmth(50) + 8)
    expect(warmth(50)).toBeGreaterThan(warmth(20) + 3)
  })

  it('gives flow with the speed and pressure drop with its square', () => {
    const at = (speed: number) => {
      const plant = new HeatPlant({ seed: 1, startDay: 15 })
      carryOut(plant, { speed: [speed, speed] })
      run(plant, 120)
      return plant.truth
    }
    expect(at(80).secondaryFlow / at(40).secondaryFlow).toBeCloseTo(2, 1)
    expect(at(80).strainerDrop / at(40).strainerDrop).toBeCloseTo(4, 1)
    expect(at(80).current1).toBeGreaterThan(5 * at(40).current1)
  })

  it('mixes what the boilers give with what comes back, so that the pipes follow the weather', () => {
    const pipes = (warmer: number) => {
      const plant = new HeatPlant({ seed: 1, startDay: 15, weather: { warmer } })
      carryOut(plant, {})
      run(plant, 4 * 3600, 5)
      expect(plant.source.boiler).toBeGreaterThan(plant.source.temperature + 5)
      expect(plant.source.mixing).toBeGreaterThan(0.5)
      expect(plant.source.mixing).toBeLessThan(1)
      return plant.source.temperature
    }
    expect(pipes(-8)).toBeGreaterThan(pipes(8) + 8)
  })

  it('loses pressure by a leak and gets it back from the make-up', () => {
    const plant = new HeatPlant({ seed: 1, startDay: 15 })
    carryOut(plant, {})
    run(plant, 3600)
    const before = plant.truth.returnPressure
    plant.troubles.leak = 2
    run(plant, 3600)
    expect(plant.truth.returnPressure).toBeLessThan(before - 0.8)
    carryOut(plant, { makeup: true })
    run(plant, 1200)
    expect(plant.truth.returnPressure).toBeGreaterThan(before - 0.5)
    expect(plant.signals.makeupFlow).toBeGreaterThan(3)
  })

  it('cools slowly when the boiler has tripped, and stands still without power', () => {
    const plant = new HeatPlant({ seed: 1, startDay: 15 })
    carryOut(plant, {})
    run(plant, 600)
    const { temperature, boiler } = plant.source
    plant.troubles['boiler-trip'] = 1
    run(plant, 1800)
    // The boilers first; what stands in the pipes lasts longer.
    expect(plant.source.boiler).toBeLessThan(boiler - 12)
    expect(plant.source.mixing).toBeCloseTo(1, 6)
    expect(plant.source.temperature).toBeLessThan(temperature - 3)
    expect(plant.signals.sourceOk).toBe(false)
    plant.troubles.power = 1
    run(plant, 60)
    expect(plant.truth.secondaryFlow).toBe(0)
    expect(plant.signals).toMatchObject({ powerOk: false, speed1: 0, current1: 0 })
  })

  it('says the same for the same seed, and something else for another', () => {
    const record = (seed: number) => {
      const plant = new HeatPlant({ seed, startDay: 15 })
      carryOut(plant, {})
      return Array.from({ length: 100 }, () => {
        plant.step(0.1)
        return { ...plant.signals }
      })
    }
    expect(record(4)).toEqual(record(4))
    expect(record(5)).not.toEqual(record(4))
  })
})

describe('the effectiveness of plates', () => {
  it('grows with their size, never above 1, without a jump where both sides are alike', () => {
    expect(effectiveness(2, 0.5)).toBeGreaterThan(effectiveness(1, 0.5))
    expect(effectiveness(50, 0.9)).toBeLessThanOrEqual(1)
    expect(effectiveness(2, 1)).toBeCloseTo(effectiveness(2, 0.9999), 4)
    expect(effectiveness(0, 0.5)).toBe(0)
  })
})
