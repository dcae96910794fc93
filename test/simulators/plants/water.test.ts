import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pattern } from '../../../simulators/plants/demand.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { WaterPlant } from '../../../simulators/plants/water.ts'

// What the PLC might command over a while; nonsense included, since attackers command too.
const command = fc.record({
  seconds: fc.integer({ min: 10, max: 4000 }),
  run: fc.tuple(fc.boolean(), fc.boolean()),
  speed: fc.tuple(fc.double({ min: -50, max: 250, noNaN: true }), fc.double({ min: -50, max: 250, noNaN: true })),
  dosing: fc.double({ min: -100, max: 1000, noNaN: true })
})

function carryOut(plant: WaterPlant, { run, speed, dosing }: { run: readonly boolean[]; speed: readonly number[]; dosing: number }): void {
  for (const i of [0, 1] as const) {
    plant.actuators.pumps[i].run = run[i] ?? false
    plant.actuators.pumps[i].speed = speed[i] ?? 0
  }
  plant.actuators.dosing = dosing
}

describe('the waterworks', () => {
  it('loses no water and makes none, stays within its walls and its energy only grows, whatever is commanded', () => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 0x7fffffff }),
        fc.double({ min: 0, max: 5.9, noNaN: true }),
        (commands, seed, towerLevel) => {
          const plant = new WaterPlant({ seed, towerLevel, startSeconds: 8 * 3600 })
          const before = { ...plant.state }
          let energy = 0
          for (const given of commands) {
            carryOut(plant, given)
            for (let i = 0; i < given.seconds; i += 10) plant.step(10)
            const { state, volumes } = plant
            expect(state.wellVolume - before.wellVolume).toBeCloseTo(volumes.fromAquifer - volumes.pumped, 6)
            const out = volumes.overflow + volumes.demand + volumes.leakage
            expect(state.towerVolume - before.towerVolume).toBeCloseTo(volumes.pumped - out, 6)
            expect(plant.towerLevel).toBeGreaterThanOrEqual(-1e-9)
            expect(plant.towerLevel).toBeLessThanOrEqual(5.9 + 1e-9)
            expect(plant.wellLevel).toBeGreaterThanOrEqual(-1e-9)
            expect(state.energy).toBeGreaterThanOrEqual(energy)
            expect(state.residual).toBeGreaterThanOrEqual(0)
            energy = state.energy
          }
        }
      ),
      { numRuns: 25 }
    )
  })

  it('takes energy and lifts water when a pump turns', () => {
    const plant = new WaterPlant({ seed: 1 })
    carryOut(plant, { run: [true, false], speed: [90, 0], dosing: 0 })
    for (let i = 0; i < 600; i++) plant.step(1)
    const { state, volumes } = plant
    expect(state.mainFlow).toBeGreaterThan(200)
    expect(state.pumpFlows[1]).toBe(0)
    const useful = (9.81 * volumes.pumped * 40) / 3600
    expect(state.energy).toBeGreaterThan(useful)
    expect(state.energy).toBeLessThan(useful * 4)
    expect(plant.wellLevel).toBeLessThan(23)
  })

  it('gives a little more, not twice as much, with both pumps on one main', () => {
    const flowOf = (run: readonly boolean[]) => {
      const plant = new WaterPlant({ seed: 1 })
      carryOut(plant, { run, speed: [90, 90], dosing: 0 })
      for (let i = 0; i < 120; i++) plant.step(1)
      return plant.state.mainFlow
    }
    expect(flowOf([true, true])).toBeGreaterThan(flowOf([true, false]) * 1.2)
    expect(flowOf([true, true])).toBeLessThan(flowOf([true, false]) * 1.7)
  })

  it('runs dry at the tap when nobody pumps, and the pressure is gone', () => {
    const plant = new WaterPlant({ seed: 1, towerLevel: 1, startSeconds: 8 * 3600 })
    for (let i = 0; i < 3 * 3600; i++) plant.step(1)
    expect(plant.towerLevel).toBeLessThan(0.01)
    expect(plant.signals.zonePressure).toBeLessThan(0.2)
    expect(plant.volumes.overflow).toBe(0)
  })

  it('runs over the weir when the pumps never stop', () => {
    const plant = new WaterPlant({ seed: 1, towerLevel: 5, startSeconds: 0 })
    carryOut(plant, { run: [true, true], speed: [100, 100], dosing: 0 })
    for (let i = 0; i < 3 * 3600; i++) plant.step(1)
    expect(plant.volumes.overflow).toBeGreaterThan(50)
    expect(plant.signals.towerLevel).toBeCloseTo(5.9, 1)
  })

  it('answers dosing at the analyser only after the water has travelled, and decays when it stands', () => {
    const plant = new WaterPlant({ seed: 1 })
    carryOut(plant, { run: [true, false], speed: [90, 0], dosing: 400 })
    for (let i = 0; i < 40; i++) plant.step(1)
    expect(plant.state.residual).toBeLessThan(0.7)
    for (let i = 0; i < 600; i++) plant.step(1)
    expect(plant.state.residual).toBeGreaterThan(1.5)
    carryOut(plant, { run: [false, false], speed: [90, 0], dosing: 0 })
    for (let i = 0; i < 30; i++) plant.step(1)
    const stopped = plant.state.residual
    for (let i = 0; i < 3600; i++) plant.step(1)
    expect(plant.state.residual).toBeLessThan(stopped * 0.99)
    expect(plant.state.residual).toBeGreaterThan(stopped * 0.9)
  })

  it('stops with the power', () => {
    const plant = new WaterPlant({ seed: 1 })
    carryOut(plant, { run: [true, false], speed: [90, 0], dosing: 100 })
    for (let i = 0; i < 60; i++) plant.step(1)
    plant.state.powerOk = false
    for (let i = 0; i < 60; i++) plant.step(1)
    expect(plant.state.mainFlow).toBe(0)
    expect(plant.signals.powerOk).toBe(false)
    expect(plant.signals.pumps[0]).toEqual({ speed: 0, current: 0, flow: 0 })
  })

  it('says the same for the same seed, and something else for another', () => {
    const record = (seed: number) => {
      const plant = new WaterPlant({ seed })
      carryOut(plant, { run: [true, false], speed: [90, 0], dosing: 130 })
      return Array.from({ length: 100 }, () => {
        plant.step(0.1)
        return structuredClone(plant.signals)
      })
    }
    expect(record(4)).toEqual(record(4))
    expect(record(5)).not.toEqual(record(4))
  })

  it('keeps its level reading alive: two millimetres of noise and no long repeats', () => {
    const plant = new WaterPlant({ seed: 1 })
    const readings = Array.from({ length: 5000 }, () => {
      plant.step(0.1)
      return plant.signals.towerLevel - plant.towerLevel
    })
    const within = readings.filter((error) => Math.abs(error) < 0.0021).length
    expect(within / readings.length).toBeGreaterThan(0.9)
    expect(within / readings.length).toBeLessThan(0.99)
  })
})

describe('demand', () => {
  it('has two peaks on workdays, rises later at weekends and averages about 1', () => {
    const at = (day: number, hour: number) => pattern(day * DAY_SECONDS + hour * 3600)
    expect(at(0, 8)).toBeGreaterThan(1.4)
    expect(at(0, 3)).toBeLessThan(0.5)
    expect(at(0, 19)).toBeGreaterThan(1.4)
    expect(at(5, 7)).toBeLessThan(at(4, 7))
    const minutes = Array.from({ length: 7 * 1440 }, (_, i) => pattern(i * 60))
    expect(minutes.reduce((a, b) => a + b, 0) / minutes.length).toBeCloseTo(1, 1)
  })

  it('has no jumps, midnight and the weekend included', () => {
    for (let minute = 1; minute <= 7 * 1440; minute++)
      expect(Math.abs(pattern(minute * 60) - pattern((minute - 1) * 60))).toBeLessThan(0.02)
  })
})
