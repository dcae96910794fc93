import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../simulators/plc/water-registers.ts'
import { begin } from '../../parts/water-works.ts'

describe('the lower zone', () => {
  it('is set by its setpoint and shown to people in words of another maker', () => {
    const works = begin({ towerLevel: 4 })
    works.set('zone2.pressure-setpoint', 2.5)
    works.run(60)
    expect(works.reads('zone2.pressure')).toBeCloseTo(2.5, 1)
    expect(works.reads('zone2.inlet-pressure')).toBeGreaterThan(4)
    expect(works.reads('zone2.flow')).toBeCloseTo(works.plant.state.zone2Flow, -1)
    const [high = 0, low = 0] = works.plc.image.inputRegisters.subarray(40, 42)
    const bytes = Uint8Array.of(high & 0xff, high >> 8, low & 0xff, low >> 8)
    expect(new DataView(bytes.buffer).getFloat32(0)).toBe(works.reads('zone2.flow'))
    expect([works.flag('zone2.opened'), works.flag('zone2.low-alarm'), works.flag('zone2.high-alarm')]).toEqual([true, false, false])
  })

  it('raises its alarms when the pressure is too high or gone', () => {
    const works = begin({ towerLevel: 4 })
    works.set('zone2.pressure-setpoint', 6)
    works.run(60)
    expect(works.flag('zone2.high-alarm')).toBe(true)
    works.command('zone2.open', false)
    works.run(120)
    expect([works.flag('zone2.opened'), works.flag('zone2.low-alarm'), works.flag('zone2.high-alarm')]).toEqual([false, true, false])
  })

  it('corrects its meter by a factor, and by no nonsense', () => {
    const works = begin({ towerLevel: 4 })
    works.set('zone2.meter-factor', 1.1)
    works.run(30)
    expect(works.reads('zone2.flow') / works.plant.signals.zone2Flow).toBeCloseTo(1.1, 3)
    works.set('zone2.meter-factor', 60)
    works.run(1)
    expect(works.reads('zone2.flow') / works.plant.signals.zone2Flow).toBeCloseTo(1.2, 3)
  })
})

describe('the wash of the filter', () => {
  it('runs for its minutes, counts its water and lets the button spring back', () => {
    const works = begin({ towerLevel: 4 })
    works.set('wash.minutes', 5)
    works.command('wash.start', true)
    works.run(60)
    expect([works.flag('wash.running'), works.plc.image.coils[COMMANDS['wash.start']]]).toEqual([true, 0])
    expect(works.reads('wash.flow')).toBeCloseTo(45, 0)
    works.run(270)
    expect([works.flag('wash.running'), works.reads('wash.flow')]).toEqual([false, 0])
    expect(works.reads('wash.volume') - 9_640).toBeGreaterThanOrEqual(3)
    expect(works.reads('wash.volume') - 9_640).toBeLessThanOrEqual(4)
  })

  it('is refused by a tower that cannot spare the water, and broken off without power', () => {
    const works = begin({ towerLevel: 2.4 })
    works.command('wash.start', true)
    works.run(1)
    expect(works.flag('wash.running')).toBe(false)
    const other = begin({ towerLevel: 4 })
    other.command('wash.start', true)
    other.run(20)
    expect(other.flag('wash.running')).toBe(true)
    other.plant.troubles.power = 1
    other.run(1)
    expect(other.flag('wash.running')).toBe(false)
  })

  it('is asked for when enough has been filtered', () => {
    const works = begin({ towerLevel: 3.2, scanMs: 1000 })
    works.run(60)
    expect(works.flag('wash.due')).toBe(false)
    works.set('tower.stop-setpoint', 5.2)
    works.set('tower.start-setpoint', 5.1)
    works.run(11 * 3600)
    expect(works.flag('wash.due')).toBe(true)
  })
})

describe('a change of shift', () => {
  it('stands open until it is acknowledged', () => {
    const works = begin({ towerLevel: 4 })
    works.run(1)
    expect(works.flag('shift.open')).toBe(false)
    works.set('shift.number', 2)
    works.run(5)
    expect(works.flag('shift.open')).toBe(true)
    works.command('shift.acknowledge', true)
    works.run(1)
    expect([works.flag('shift.open'), works.plc.image.coils[COMMANDS['shift.acknowledge']]]).toEqual([false, 0])
  })
})
