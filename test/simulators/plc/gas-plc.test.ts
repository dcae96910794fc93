import { describe, expect, it } from 'vitest'
import { NORMAL_DENSITY } from '../../../simulators/plants/gas-law.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import type { GasTag } from '../../../simulators/plc/gas-map.ts'
import { begin } from '../../parts/gas-works.ts'

describe('a winter day of the gate station under its PLC', () => {
  const station = begin({ seed: 11, startSeconds: 0, scanMs: 2000 })
  const pressures: number[] = []
  const temperatures: number[] = []
  const concentrations: number[] = []
  const alarms = new Set<string>()
  const names = Object.keys(station.works.map.tags).filter((tag): tag is GasTag => tag.endsWith('-alarm') || tag.endsWith('.alarm'))
  station.run(DAY_SECONDS, () => {
    pressures.push(station.reads('outlet.pressure'))
    temperatures.push(station.reads('outlet.temperature'))
    concentrations.push(station.reads('odorant.concentration'))
    for (const name of names) if (station.reads(name) === 1) alarms.add(name)
  })

  it('keeps the outlet pressure within three per cent of its setpoint', () => {
    expect(Math.min(...pressures)).toBeGreaterThan(3.88)
    expect(Math.max(...pressures)).toBeLessThan(4.12)
  })

  it('keeps the gas warm and smelling, and raises no alarm', () => {
    expect(Math.min(...temperatures)).toBeGreaterThan(6)
    expect(Math.max(...temperatures)).toBeLessThan(10)
    expect(Math.min(...concentrations)).toBeGreaterThan(23)
    expect(Math.max(...concentrations)).toBeLessThan(27)
    expect([...alarms]).toEqual([])
    expect(station.works.alarms.filter((alarm) => alarm.state() !== null).map((alarm) => alarm.name)).toEqual([])
  })

  it('counts its scans', () => {
    expect(station.reads('plc.scan-count')).toBe(DAY_SECONDS / 2)
  })
})

it('carries an evening of hard frost, with its meters still on their scales', () => {
  const station = begin({ startSeconds: 17 * 3600, scanMs: 1000, weather: { warmer: -10 } })
  const start = { total: station.reads('station.total'), received: station.works.balances()[0]?.received ?? 0 }
  let lowest = 9
  let most = 0
  station.run(3 * 3600, () => {
    lowest = Math.min(lowest, station.reads('outlet.pressure'))
    most = Math.max(most, station.reads('station.flow'))
  })
  expect(lowest).toBeGreaterThan(3.8)
  expect(station.reads('network.pressure')).toBeGreaterThan(1.5)
  expect(most).toBeGreaterThan(16_000)
  const received = ((station.works.balances()[0]?.received ?? 0) - start.received) / NORMAL_DENSITY
  expect((station.reads('station.total') - start.total) / received).toBeCloseTo(1, 2)
})

it('closes a month within half a per cent by what the meters report', () => {
  const station = begin({ seed: 21, startSeconds: 0, scanMs: 30_000 })
  const start = { total: station.reads('station.total'), linepack: station.reads('network.linepack'), balances: station.works.balances() }
  let taken = 0
  station.run(30 * DAY_SECONDS, () => {
    taken += ((station.reads('town.flow') + station.reads('estate.flow') + station.reads('heater.gas-flow')) * 30) / 3600
  })
  const metered = station.reads('station.total') - start.total
  const left = metered - taken - (station.reads('network.linepack') - start.linepack)
  expect(metered).toBeGreaterThan(4_000_000)
  expect(Math.abs(left) / metered).toBeLessThan(0.005)
  expect(station.reads('line1.total') - 48_210_400 + station.reads('line2.total') - 51_377_900).toBeCloseTo(metered, -1)
  for (const [i, { received, given, held }] of station.works.balances().entries())
    expect(Math.abs(received - given - (held - (start.balances[i]?.held ?? 0))) / Math.max(received, held)).toBeLessThan(1e-9)
})

describe('the regulators', () => {
  it('a worker that fails open is taken over by the monitor of its line', () => {
    const station = begin()
    station.run(60)
    station.plant.troubles['regulator-fail-open'] = 1
    let highest = 0
    station.run(900, () => {
      highest = Math.max(highest, station.reads('outlet.pressure'))
    })
    expect(station.reads('outlet.pressure')).toBeGreaterThan(4.35)
    expect(highest).toBeLessThan(4.7)
    expect(station.reads('line1.worker-opening')).toBeGreaterThan(95)
    expect(station.reads('line1.monitor-opening')).toBeLessThan(90)
    expect([station.reads('outlet.high-alarm'), station.reads('line1.slammed'), station.reads('relief.open')]).toEqual([1, 0, 0])
    station.plant.troubles['regulator-fail-open'] = 0
    station.run(900)
    expect(station.reads('outlet.pressure')).toBeCloseTo(4, 1)
    expect(station.reads('outlet.high-alarm')).toBe(0)
  })

  it('worker and monitor raised together make the relief blow and the slam-shut valves trip, and the town goes short', () => {
    const station = begin()
    station.set('outlet.pressure-setpoint', 6)
    station.set('line1.monitor-setpoint', 7)
    station.set('line2.monitor-setpoint', 7)
    let relieved = false
    station.run(1800, () => {
      relieved ||= station.reads('relief.open') === 1
    })
    expect(relieved).toBe(true)
    expect([station.reads('line1.slammed'), station.reads('line2.slammed')]).toEqual([1, 1])
    expect(station.plant.volumes.vented).toBeGreaterThan(0)
    expect(station.works.alarms.filter((alarm) => alarm.state() !== null).map((alarm) => alarm.name)).toContain('line1.slam-alarm')
    station.run(3600)
    expect(station.reads('outlet.pressure')).toBeLessThan(3)
    expect([station.reads('station.flow'), station.reads('outlet.low-alarm')]).toEqual([0, 1])
  })

  it('a slam-shut valve stays shut until it is reset by hand, and is not reset while the pressure is not normal', () => {
    const station = begin()
    station.plant.troubles['slam-false-trip'] = 1
    station.run(600)
    expect([station.reads('line1.slammed'), station.reads('line2.slammed')]).toEqual([1, 0])
    expect(station.reads('line2.flow')).toBeGreaterThan(5000)
    expect(station.reads('outlet.pressure')).toBeCloseTo(3.7, 1)
    station.plant.troubles['slam-false-trip'] = 0
    station.run(60)
    expect(station.reads('line1.slammed')).toBe(1)
    station.set('outlet.high-limit', 3.5)
    station.set('line1.slam-reset', 1)
    station.run(10)
    expect([station.reads('line1.slammed'), station.reads('line1.slam-reset')]).toEqual([1, 0])
    station.set('outlet.high-limit', 4.4)
    station.set('line1.slam-reset', 1)
    station.run(10)
    expect([station.reads('line1.slammed'), station.reads('line1.slam-reset')]).toEqual([0, 0])
    station.run(300)
    expect(station.reads('outlet.pressure')).toBeCloseTo(4, 1)
  })

  it('changes over without a dip, and takes no line that does not exist', () => {
    const station = begin()
    station.run(120)
    station.set('line.active', 9)
    station.run(5)
    expect([station.reads('line1.active'), station.reads('line2.active')]).toEqual([1, 0])
    station.set('line.active', 2)
    let lowest = 9
    station.run(600, () => {
      lowest = Math.min(lowest, station.reads('outlet.pressure'))
    })
    expect(lowest).toBeGreaterThan(3.9)
    expect([station.reads('line1.active'), station.reads('line2.active')]).toEqual([0, 1])
    expect([station.reads('line1.flow') === 0, station.reads('line2.flow') > 5000]).toEqual([true, true])
  })

  it('follows the setpoint of the station, and by hand that of the line, each within what the program allows', () => {
    const station = begin()
    station.set('outlet.pressure-setpoint', 3.6)
    station.run(900)
    expect(station.reads('outlet.pressure')).toBeCloseTo(3.6, 1)
    station.set('line1.auto', 0)
    station.set('line1.hand-setpoint', 4.2)
    station.run(900)
    expect(station.reads('outlet.pressure')).toBeCloseTo(4.2, 1)
    station.set('line1.hand-setpoint', 65)
    station.run(5)
    expect(station.plant.actuators.lines[0].worker).toBe(6.5)
  })

  it('a line whose inlet valve is shut leaves the town to the other one', () => {
    const station = begin()
    station.set('line1.open', 0)
    station.run(300)
    expect([station.reads('line1.valve-open'), station.reads('line1.flow')]).toEqual([0, 0])
    expect(station.reads('outlet.pressure')).toBeCloseTo(3.7, 1)
  })
})

describe('heater and odorant', () => {
  it('brings the outlet temperature to a new setpoint', () => {
    const station = begin({ scanMs: 1000 })
    station.set('heater.temperature-setpoint', 14)
    station.run(2 * 3600)
    expect(station.reads('outlet.temperature')).toBeCloseTo(14, 0)
  })

  it('a burner that does not light is a fault, and the gas gets cold', () => {
    const station = begin({ scanMs: 1000 })
    station.plant.troubles['heater-trip'] = 1
    station.run(60)
    expect([station.reads('heater.flame'), station.reads('heater.fault')]).toEqual([0, 1])
    station.run(4 * 3600)
    expect([station.reads('outlet.temperature') < 2, station.reads('outlet.cold-alarm')]).toEqual([true, 1])
    station.plant.troubles['heater-trip'] = 0
    station.run(2 * 3600)
    expect([station.reads('heater.fault'), station.reads('outlet.cold-alarm')]).toEqual([0, 0])
    expect(station.reads('outlet.temperature')).toBeLessThan(12)
  })

  it('odorant that is switched off is missed at the end of the network an hour later', () => {
    const station = begin({ scanMs: 1000 })
    station.set('odorant.enable', 0)
    station.run(3600)
    expect([station.reads('odorant.rate'), station.reads('odorant.running')]).toEqual([0, 0])
    expect(station.reads('odorant.concentration')).toBeLessThan(16)
    expect(station.reads('odorant.alarm')).toBe(1)
  })

  it('dose setpoint and hand rate act, a dry suction is told, and the tank is filled on command', () => {
    const station = begin({ scanMs: 1000 })
    station.set('odorant.dose-setpoint', 35)
    station.run(2 * 3600)
    expect(station.reads('odorant.concentration')).toBeCloseTo(35, -1)
    expect(station.reads('odorant.concentration')).toBeGreaterThan(32)
    station.set('odorant.auto', 0)
    station.set('odorant.hand-rate', 120)
    station.run(60)
    expect(station.reads('odorant.rate')).toBeCloseTo(120, -1)
    station.plant.troubles['odorant-empty'] = 1
    station.run(300)
    expect([station.reads('odorant.rate'), station.reads('odorant.alarm')]).toEqual([0, 1])
    station.set('odorant.refill', 1)
    station.run(900)
    expect([station.reads('odorant.level') > 94, station.reads('odorant.refill')]).toEqual([true, 0])
  })
})

it('keeps its counters when somebody writes what is no number into a setpoint', () => {
  const station = begin()
  station.run(60)
  const before = station.reads('station.total')
  const setpoints = Object.entries(station.works.map.tags).flatMap(([tag, { role }]) => (role === 'setpoint' ? [tag as GasTag] : []))
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1e30]) {
    for (const tag of setpoints) station.set(tag, value)
    station.run(5)
  }
  const after = station.reads('station.total')
  expect(after).toBeGreaterThanOrEqual(before)
  expect(after).toBeLessThan(before + 1000)
  for (const [tag, { role }] of Object.entries(station.works.map.tags))
    if (role === 'measurement') expect(station.reads(tag as GasTag), tag).not.toBeNaN()
})
