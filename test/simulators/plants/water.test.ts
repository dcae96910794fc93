import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WaterPlant } from '../../../simulators/plants/water.ts'
import { NO_TROUBLES, type WaterTroubles } from '../../../simulators/plants/water-troubles.ts'

// What the PLC might command over a while; nonsense included, since attackers command too.
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const command = fc.record({
  steps: fc.integer({ min: 1, max: 150 }),
  seconds: fc.oneof(number(0.01, 1), number(1, 60)),
  run: fc.tuple(fc.boolean(), fc.boolean()),
  speed: fc.tuple(number(-50, 250), number(-50, 250)),
  dosing: number(-100, 1000),
  ...{ reducedPressure: number(-1, 12), inletOpen: fc.boolean(), washing: fc.boolean() },
  trouble: fc.constantFrom(...(Object.keys(NO_TROUBLES) as (keyof WaterTroubles)[])),
  amount: fc.oneof(fc.constant(0), number(0, 40))
})

interface Command {
  run: readonly boolean[]
  speed: readonly number[]
  dosing: number
}

function carryOut(plant: WaterPlant, { run, speed, ...others }: Command): void {
  for (const i of [0, 1] as const) {
    plant.actuators.pumps[i].run = run[i] ?? false
    plant.actuators.pumps[i].speed = speed[i] ?? 0
  }
  Object.assign(plant.actuators, others)
}

describe('the waterworks', () => {
  it('loses no water and makes none, stays within its walls and its energy only grows, whatever is commanded', () => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 0x7fffffff }),
        number(0, 5.9),
        (commands, seed, towerLevel) => {
          const plant = new WaterPlant({ seed, towerLevel, startSeconds: 8 * 3600 })
          const before = plant.balances()
          let energy = 0
          for (const { steps, seconds, trouble, amount, ...given } of commands) {
            carryOut(plant, given)
            plant.troubles[trouble] = amount
            for (let i = 0; i < steps; i++) plant.step(seconds)
            for (const [i, { received, given: used, held }] of plant.balances().entries()) {
              const missing = received - used - (held - (before[i]?.held ?? 0))
              expect(Math.abs(missing)).toBeLessThan(1e-9 * Math.max(1, held, received, used))
            }
            const { state } = plant
            expect(plant.towerLevel).toBeGreaterThanOrEqual(0)
            expect(plant.towerLevel).toBeLessThanOrEqual(5.9 + 1e-9)
            for (const level of [plant.wellLevel, plant.well2Level]) expect(level).toBeGreaterThanOrEqual(-1e-9)
            expect(state.energy).toBeGreaterThanOrEqual(energy)
            for (const value of [state.residual, state.zonePressure, state.zone2Pressure, state.zone2Flow, state.washFlow])
              expect(value).toBeGreaterThanOrEqual(0)
            for (const value of Object.values(plant.signals)) if (typeof value === 'number') expect(value).not.toBeNaN()
            energy = state.energy
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it('does the same on the whole whether its steps are fine or coarse', () => {
    const hour = (seconds: number) => {
      const plant = new WaterPlant({ seed: 1, startSeconds: 9 * 3600 })
      carryOut(plant, { run: [true, true], speed: [92, 88], dosing: 200 })
      for (let time = 0; time < 3600; time += seconds) plant.step(seconds)
      return { ...plant.volumes, energy: plant.state.energy, residual: plant.state.residual, level: plant.towerLevel }
    }
    const fine = hour(0.1)
    for (const seconds of [1, 10, 60]) {
      const coarse = hour(seconds)
      for (const name of ['pumped', 'fromAquifer', 'energy', 'residual'] as const)
        expect(Math.abs(coarse[name] / fine[name] - 1), `${name} in steps of ${seconds} s`).toBeLessThan(0.02)
      // The town draws with other chances in other steps.
      for (const name of ['demand', 'leakage', 'level'] as const)
        expect(Math.abs(coarse[name] / fine[name] - 1), `${name} in steps of ${seconds} s`).toBeLessThan(0.06)
    }
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
    plant.troubles.power = 1
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

describe('the lower zone', () => {
  const stand = (seconds: number, change: (plant: WaterPlant) => void) => {
    const plant = new WaterPlant({ seed: 1, startSeconds: 8 * 3600, towerLevel: 4 })
    change(plant)
    for (let i = 0; i < seconds; i++) plant.step(1)
    return plant
  }

  it('stands at the pressure that its valve is set to, whatever the tower does', () => {
    for (const reducedPressure of [2, 3, 3.6])
      expect(
        Math.abs(stand(60, ({ actuators }) => Object.assign(actuators, { reducedPressure })).state.zone2Pressure - reducedPressure)
      ).toBeLessThan(0.1)
  })

  it('gets no more pressure than there is before the valve, and all of it when the valve hangs', () => {
    const open = stand(60, ({ actuators }) => Object.assign(actuators, { reducedPressure: 9 })).state
    expect(open.zone2Pressure).toBeLessThan(open.zone2Inlet)
    expect(open.zone2Pressure).toBeGreaterThan(3.5)
    const hanging = stand(60, ({ troubles }) => Object.assign(troubles, { 'valve-hangs': 1 })).state
    expect(hanging.zone2Pressure).toBeGreaterThan(3.5)
  })

  it('falls dry behind a shut inlet while the upper zone goes on', () => {
    const { state, signals } = stand(60, ({ actuators }) => Object.assign(actuators, { inletOpen: false }))
    expect(state.zone2Flow).toBe(0)
    expect(state.zone2Pressure).toBeLessThan(0.1)
    expect(state.zoneFlow).toBeGreaterThan(100)
    expect(signals.zone2Open).toBe(false)
  })

  it('feels the hammer when the valve shuts: the last of its way stops the water at once', () => {
    const plant = stand(60, () => {})
    const calm = plant.state.zone2Inlet
    plant.actuators.inletOpen = false
    let highest = 0
    for (let i = 0; i < 400; i++) {
      plant.step(0.1)
      highest = Math.max(highest, plant.state.zone2Inlet)
    }
    expect(highest).toBeGreaterThan(calm + 0.5)
    expect(highest).toBeLessThan(calm + 4)
    expect(plant.state.zone2Inlet).toBeLessThan(calm + 0.3)
  })

  it('is part of what leaves the tower, and loses more through its leaks when the pressure is higher', () => {
    const lost = (reducedPressure: number) =>
      stand(3600, ({ actuators, troubles }) => {
        actuators.reducedPressure = reducedPressure
        troubles['zone2-leak'] = 20
      }).volumes.leakage
    expect(lost(3.6) - lost(2.4)).toBeGreaterThan(6)
    const { state } = stand(60, () => {})
    expect(state.zone2Flow).toBeGreaterThan(30)
    expect(state.zone2Flow).toBeLessThan(state.zoneFlow / 2)
  })
})
