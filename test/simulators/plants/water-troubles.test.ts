import { describe, expect, it } from 'vitest'
import { WaterPlant } from '../../../simulators/plants/water.ts'
import type { WaterTroubles } from '../../../simulators/plants/water-troubles.ts'

function pump({ actuators }: WaterPlant): void {
  Object.assign(actuators.pumps[0], { run: true, speed: 90 })
  actuators.dosing = 150
}

describe('troubles', () => {
  const pumping = (change: (troubles: WaterTroubles) => void, seconds = 1200) => {
    const plant = new WaterPlant({ seed: 1, startSeconds: 8 * 3600 })
    pump(plant)
    change(plant.troubles)
    for (let i = 0; i < seconds; i++) plant.step(1)
    return plant
  }
  const sound = pumping(() => {})

  it.each<[keyof WaterTroubles, number, (plant: WaterPlant) => number, 'more' | 'less']>([
    ['pump1-trip', 1, ({ volumes }) => volumes.pumped, 'less'],
    ['leak', 40, ({ volumes }) => volumes.leakage, 'more'],
    ['zone2-leak', 20, ({ state }) => state.zone2Flow, 'more'],
    ['main-leak', 50, ({ state }) => state.mainFlow, 'less'],
    ['fire-flow', 60, ({ state }) => state.zonePressure, 'less'],
    ['dirty-water', 2, ({ state }) => state.turbidity, 'more'],
    ['drought', 5, ({ wellLevel }) => wellLevel, 'less'],
    ['dosing-fault', 1, ({ state }) => state.residual, 'less'],
    ['valve-hangs', 1, ({ state }) => state.zone2Pressure, 'more']
  ])('%s does what it says', (name, amount, value, way) => {
    const troubled = pumping((troubles) => {
      troubles[name] = amount
    })
    if (way === 'more') expect(value(troubled)).toBeGreaterThan(value(sound) * 1.02)
    else expect(value(troubled)).toBeLessThan(value(sound) * 0.98)
  })
})

describe('a filter', () => {
  it('clogs with what it has filtered and is clean after a wash, whose water is counted', () => {
    const plant = new WaterPlant({ seed: 1 })
    pump(plant)
    const before = plant.state.clogging
    for (let i = 0; i < 8 * 60; i++) plant.step(60)
    expect(plant.state.clogging).toBeGreaterThan(before + 0.1)
    Object.assign(plant.actuators, { washing: true })
    for (let i = 0; i < 60; i++) plant.step(10)
    expect(plant.state.clogging).toBeLessThan(0.1)
    expect(plant.volumes.wash).toBeGreaterThan(6)
    expect(plant.volumes.wash).toBeLessThan(8)
  })
})
