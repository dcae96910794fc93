import { describe, expect, it } from 'vitest'
import { begin } from '../../parts/gas-works.ts'

describe('troubles', () => {
  it('a leak in the network is missing between the meters', () => {
    const missing = (leak: number) => {
      const station = begin({ scanMs: 1000 })
      station.plant.troubles.leak = leak
      let taken = 0
      const start = station.reads('station.total') - station.reads('network.linepack')
      station.run(3600, () => {
        taken += (station.reads('town.flow') + station.reads('estate.flow') + station.reads('heater.gas-flow')) / 3600
      })
      return station.reads('station.total') - station.reads('network.linepack') - start - taken
    }
    expect(Math.abs(missing(0))).toBeLessThan(40)
    expect(missing(600)).toBeGreaterThan(400)
  })

  it('a leak in the building is told by the detector', () => {
    const station = begin()
    station.plant.troubles['station-leak'] = 60
    station.run(1200)
    expect([station.reads('gas.alarm'), station.reads('station.gas') > 20]).toEqual([1, true])
  })

  it('without power the gas flows on, cold and without odorant', () => {
    const station = begin()
    station.plant.troubles.power = 1
    station.run(120)
    expect([station.reads('power.ok'), station.reads('heater.flame'), station.reads('odorant.running')]).toEqual([0, 0, 0])
    expect(station.reads('outlet.pressure')).toBeCloseTo(4, 1)
  })

  it('a clogged filter and a weak transmission line are told', () => {
    const station = begin()
    station.plant.troubles['filter-clogged'] = 1
    station.plant.troubles['inlet-drop'] = 12
    station.run(300)
    expect([station.reads('filter.alarm'), station.reads('inlet.low-alarm')]).toEqual([1, 1])
  })

  it('slam-shut valves that struck are latched again though the town has run empty', () => {
    const station = begin({ scanMs: 1000 })
    for (const tag of ['line1.monitor-setpoint', 'line2.monitor-setpoint'] as const) station.set(tag, 7)
    station.set('outlet.pressure-setpoint', 6)
    station.run(2 * 3600)
    expect([station.reads('line1.slammed'), station.reads('line2.slammed')]).toEqual([1, 1])
    expect(station.reads('network.pressure')).toBeLessThan(0.2)
    for (const tag of ['line1.monitor-setpoint', 'line2.monitor-setpoint'] as const) station.set(tag, 4.5)
    station.set('outlet.pressure-setpoint', 4)
    // The pilots have to come down first.
    station.run(900)
    station.set('line1.slam-reset', 1)
    station.run(3600)
    expect([station.reads('line1.slammed'), station.reads('line2.slammed')]).toEqual([0, 1])
    expect(station.reads('network.pressure')).toBeGreaterThan(3.2)
  })
})
