import { describe, expect, it } from 'vitest'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { begin } from '../../parts/water-works.ts'

describe('a day of the waterworks under its PLC', () => {
  const works = begin({ startSeconds: 0, seed: 11, scanMs: 200 })
  let starts = 0
  let running = works.is('pump1.running')
  const levels: number[] = []
  const residuals: number[] = []
  const pressures: number[] = []
  works.run(DAY_SECONDS, () => {
    if (works.is('pump1.running') && !running) starts++
    running = works.is('pump1.running')
    levels.push(works.reads('tower.level'))
    residuals.push(works.reads('chlorine.residual'))
    pressures.push(works.reads('zone.pressure'))
  })

  it('cycles the lead pump a few times', () => {
    expect(starts).toBeGreaterThanOrEqual(3)
    expect(starts).toBeLessThanOrEqual(12)
  })

  it('keeps the level between start and stop', () => {
    expect(Math.min(...levels)).toBeGreaterThan(2.9)
    expect(Math.max(...levels)).toBeLessThan(4.6)
  })

  it('keeps the residual near its setpoint', () => {
    expect(Math.min(...residuals)).toBeGreaterThan(0.4)
    expect(Math.max(...residuals)).toBeLessThan(0.6)
    expect(residuals.reduce((a, b) => a + b, 0) / residuals.length).toBeCloseTo(0.5, 1)
  })

  it('keeps the town under pressure and raises no alarm', () => {
    expect(Math.min(...pressures)).toBeGreaterThan(2.2)
    for (const state of ['tower.high-alarm', 'tower.low-alarm', 'pump1.fault', 'pump2.fault'] as const) expect(works.is(state)).toBe(false)
  })

  it('counts what it pumped and used, and its scans', () => {
    expect(works.reads('volume.total') - 1_284_300).toBeCloseTo(works.plant.volumes.pumped, -2)
    expect(works.reads('energy.total') - 412_000).toBeCloseTo(works.plant.state.energy, -2)
    expect(works.reads('plc.scan-count')).toBe((DAY_SECONDS * 5) % 65_536)
  })
})

describe('level control', () => {
  it('starts the lead below start and stops it above stop, and only there', () => {
    const works = begin({ towerLevel: 3.8, startSeconds: 0 })
    works.run(5)
    expect(works.is('pump1.running')).toBe(false)
    works.set('tower.start-setpoint', 3.9)
    works.run(15)
    expect(works.is('pump1.running')).toBe(true)
    works.set('tower.start-setpoint', 3)
    works.run(300)
    expect(works.is('pump1.running')).toBe(true)
    works.set('tower.stop-setpoint', 3.7)
    works.run(15)
    expect(works.is('pump1.running')).toBe(false)
  })

  it('lets the lag pump help when the level goes on falling, and stops it first', () => {
    const works = begin({ towerLevel: 2.55 })
    works.run(60)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, true])
    works.set('tower.start-setpoint', 2.5)
    works.set('tower.stop-setpoint', 2.85)
    works.run(180)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, false])
  })

  it('changes over when the lead is changed, and takes no lead that does not exist', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(200)
    works.set('pump.lead', 7)
    works.run(20)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, false])
    works.set('pump.lead', 2)
    works.run(20)
    expect([works.is('pump1.running'), works.is('pump2.running')]).toEqual([false, true])
  })

  it('lets a pump that was just started run its least time', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(20)
    works.set('tower.stop-setpoint', 3)
    works.run(60)
    expect(works.is('pump1.running')).toBe(true)
    works.run(60)
    expect(works.is('pump1.running')).toBe(false)
  })

  it('follows the speed setpoint within the drive', () => {
    const works = begin({ towerLevel: 3.2 })
    works.set('pump1.speed-setpoint', 80)
    works.run(30)
    expect(works.reads('pump1.speed')).toBeCloseTo(80, 0)
    works.set('pump1.speed-setpoint', 6000)
    works.run(30)
    expect(works.reads('pump1.speed')).toBeCloseTo(100, 0)
  })
})

describe('by hand', () => {
  it('starts and stops a pump at once, whatever the level', () => {
    const works = begin({ towerLevel: 4.3 })
    works.command('pump2.auto', false)
    works.command('pump2.hand', true)
    works.run(20)
    expect(works.is('pump2.running')).toBe(true)
    expect(works.reads('pump2.flow')).toBeGreaterThan(200)
    works.command('pump2.hand', false)
    works.run(1)
    expect(works.is('pump2.running')).toBe(false)
  })

  it('a lead that is switched off stops at once, and the other takes its duty', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(20)
    works.command('pump1.auto', false)
    works.run(1)
    expect(works.is('pump1.running')).toBe(false)
    works.run(20)
    expect(works.is('pump2.running')).toBe(true)
    expect(works.reads('pump1.flow')).toBe(0)
  })
})

describe('interlocks and alarms', () => {
  it('the high limit stops every pump, by hand too', () => {
    const works = begin({ towerLevel: 4.3 })
    works.command('pump1.auto', false)
    works.command('pump1.hand', true)
    works.run(20)
    works.set('tower.high-limit', 4.2)
    works.run(5)
    expect([works.is('tower.high-alarm'), works.is('pump1.running')]).toEqual([true, false])
  })

  it('empty wells stop the pumps until they have filled again', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(30)
    works.plant.state.wellVolume = 12 * 5
    works.run(10)
    expect(works.is('pump1.running')).toBe(false)
    let restartedAt = 0
    works.run(600, () => {
      if (works.is('pump1.running') && restartedAt === 0) restartedAt = works.reads('well.level')
    })
    expect(restartedAt).toBeGreaterThan(8.5)
  })

  it('a low tower raises the low alarm', () => {
    const works = begin({ towerLevel: 1.7 })
    works.run(5)
    expect(works.is('tower.low-alarm')).toBe(true)
  })

  it('a pump without flow trips, the other one takes over, and off resets the trip', () => {
    const works = begin({ towerLevel: 3.2 })
    works.set('pump1.speed-setpoint', 40)
    works.run(60)
    expect([works.is('pump1.fault'), works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, false, true])
    works.command('pump1.auto', false)
    works.run(1)
    expect(works.is('pump1.fault')).toBe(false)
  })

  it('no power, no pumps', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(30)
    works.plant.troubles.power = 1
    works.run(5)
    expect([works.is('power.ok'), works.is('pump1.running'), works.is('dosing.running')]).toEqual([false, false, false])
  })
})

describe('chlorine dosing', () => {
  it('brings the residual to a new setpoint and holds it there', () => {
    const works = begin({ towerLevel: 3.1 })
    works.run(600)
    works.set('chlorine.setpoint', 0.65)
    works.run(1800)
    const residuals: number[] = []
    works.run(600, () => residuals.push(works.reads('chlorine.residual')))
    expect(residuals.reduce((a, b) => a + b, 0) / residuals.length).toBeCloseTo(0.65, 1)
    expect(Math.max(...residuals) - Math.min(...residuals)).toBeLessThan(0.08)
  })

  it('stops with the coil', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(60)
    expect(works.is('dosing.running')).toBe(true)
    works.command('dosing.enable', false)
    works.run(20)
    expect([works.is('dosing.running'), works.reads('dosing.rate')]).toEqual([false, 0])
  })
})

describe('a drive that has tripped by itself', () => {
  it('is taken for a pump without flow, and the other pump helps', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(60)
    works.plant.troubles['pump1-trip'] = 1
    works.run(70)
    expect([works.is('pump1.fault'), works.is('pump1.running'), works.is('pump2.running')]).toEqual([true, false, true])
  })
})

describe('a held report', () => {
  it('stays to the bit while the tower and the control go on, and comes back to the truth', () => {
    const works = begin({ towerLevel: 3.2 })
    works.run(60)
    const held = works.reads('tower.level')
    const release = works.plc.falsify('tower.level', () => held)
    const scans = works.reads('plc.scan-count')
    works.run(2400)
    expect(works.reads('tower.level')).toBe(held)
    expect(Math.abs(works.plant.towerLevel - held)).toBeGreaterThan(0.02)
    expect(works.reads('plc.scan-count')).toBe(scans + 24_000)
    release()
    works.run(1)
    expect(works.reads('tower.level')).toBeCloseTo(works.plant.towerLevel, 2)
  })
})

it('a setpoint beyond its range counts only as far as the range goes', () => {
  const dosed = (residual: number) => {
    const works = begin({ towerLevel: 3.2 })
    works.set('chlorine.setpoint', residual)
    works.run(120)
    return works.reads('dosing.rate')
  }
  expect(dosed(60)).toBeGreaterThan(1.5 * dosed(1))
  expect(dosed(60)).toBeCloseTo(dosed(2), 3)
})
