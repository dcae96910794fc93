// The book of the waterworks. Every value stays inside the agreed bands; the lead is rotated before the idle pump is taken
// out for maintenance.
import { DAY_SECONDS } from '../plants/plant.ts'
import type { Desk, Duty, DutyBook } from './duty.ts'

export const waterDuties: DutyBook = (day, noise) => {
  const at = (hour: number, spreadMinutes: number) => day * DAY_SECONDS + hour * 3600 + noise.between(-spreadMinutes, spreadMinutes) * 60
  const writes = (name: string, hour: number, spreadMinutes: number, values: Record<string, number>): Duty => ({
    ...{ at: at(hour, spreadMinutes), name, who: 'operator' },
    act: (desk) => desk.write(values)
  })
  return [
    writes('level-band', 6.1, 5, { 'tower.start-setpoint': 3, 'tower.stop-setpoint': 4.5 }),
    {
      ...{ at: at(7.5, 20), name: 'rotate-lead', who: 'operator' },
      allowed: (desk) => desk.value(`${idle(desk)}.auto`) === 1 && desk.value(`${idle(desk)}.fault`) === 0,
      act: (desk) => desk.write({ 'pump.lead': idle(desk) === 'pump1' ? 1 : 2 })
    },
    writes('chlorine', 9, 25, { 'chlorine.setpoint': 0.45 + 0.05 * noise.choice(4) }),
    maintenance(at(10.25, 30), noise.between(20, 50)),
    {
      ...{ at: at(14, 60), name: 'speed', who: 'operator' },
      act: speedOf(86 + 2 * noise.choice(5))
    },
    writes('chlorine', 16, 45, { 'chlorine.setpoint': 0.5 }),
    writes('level-band', 21.8, 10, { 'tower.start-setpoint': 3.2, 'tower.stop-setpoint': 4.8 }),
    // Less pressure at night, when little is drawn, means less leakage in the lower zone.
    writes('lower-zone-by-day', 5.3, 8, { 'zone2.pressure-setpoint': 3 }),
    writes('lower-zone-by-night', 22.6, 10, { 'zone2.pressure-setpoint': 2.7 }),
    ...SHIFTS.map(({ shift, hour }) => shiftChange(at(hour, 4), shift, noise.between(60, 300))),
    ...SHIFTS.map(({ hour }) => reset(at(hour + 0.5, 10), noise.between(2, 6))),
    filterWash(at(2.5, 30), 7 + noise.choice(4)),
    ...(day % 7 === WEDNESDAY ? [calibration(at(13.2, 30), noise.between(-0.008, 0.008))] : [])
  ]
}

const WEDNESDAY = 2
const SHIFTS = [
  { shift: 1, hour: 5.9 },
  { shift: 2, hour: 13.9 },
  { shift: 3, hour: 21.9 }
] as const
// A wash is begun only with so much in the tower, in metres.
const WASH_FROM = 3

const leading = (desk: Desk): 'pump1' | 'pump2' => (desk.value('pump.lead') === 1 ? 'pump1' : 'pump2')
const idle = (desk: Desk): 'pump1' | 'pump2' => (leading(desk) === 'pump1' ? 'pump2' : 'pump1')

const tripped = (desk: Desk) => (['pump1', 'pump2'] as const).find((pump) => desk.value(`${pump}.fault`) === 1)

const speedOf = (speed: number) => (desk: Desk) => desk.write({ [`${leading(desk)}.speed-setpoint`]: speed })

function maintenance(at: number, minutes: number): Duty {
  return {
    ...{ at, name: 'maintenance', who: 'engineer' },
    allowed: (desk) => desk.value(`${idle(desk)}.auto`) === 1 && desk.value(`${idle(desk)}.running`) === 0,
    act: (desk) => desk.write({ [`${idle(desk)}.auto`]: 0 }),
    follows(desk) {
      const pump = idle(desk)
      return {
        ...{ at: desk.seconds + minutes * 60, name: 'maintenance-ends', who: 'engineer' },
        act: (later) => later.write({ [`${pump}.auto`]: 1 })
      }
    }
  }
}

// The new shift takes a tripped pump off and puts it back, which resets it; the other one leads before that.
function reset(at: number, minutes: number): Duty {
  return {
    ...{ at, name: 'reset-trip', who: 'operator' },
    allowed: (desk) => tripped(desk) !== undefined,
    async act(desk) {
      const pump = tripped(desk) ?? idle(desk)
      if (pump === leading(desk)) await desk.write({ 'pump.lead': idle(desk) === 'pump1' ? 1 : 2 })
      await desk.write({ [`${pump}.auto`]: 0 })
    },
    follows(desk) {
      const pump = tripped(desk) ?? idle(desk)
      return {
        ...{ at: desk.seconds + minutes * 60, name: 'reset-ends', who: 'operator' },
        act: (later) => later.write({ [`${pump}.auto`]: 1 })
      }
    }
  }
}

function shiftChange(at: number, shift: number, seconds: number): Duty {
  return {
    ...{ at, name: 'shift-change', who: 'operator' },
    act: (desk) => desk.write({ 'shift.number': shift }),
    follows: (desk) => ({
      ...{ at: desk.seconds + seconds, name: 'shift-acknowledged', who: 'operator' },
      act: (later) => later.write({ 'shift.acknowledge': 1 })
    })
  }
}

function filterWash(at: number, minutes: number): Duty {
  return {
    ...{ at, name: 'filter-wash', who: 'operator' },
    allowed: (desk) => desk.value('wash.due') === 1 && desk.value('tower.level') > WASH_FROM,
    async act(desk) {
      await desk.write({ 'wash.minutes': minutes })
      await desk.write({ 'wash.start': 1 })
    }
  }
}

// The engineer has compared the meter with a clamp-on reference and corrects its factor.
function calibration(at: number, difference: number): Duty {
  return {
    ...{ at, name: 'meter-calibration', who: 'engineer' },
    act: (desk) => desk.write({ 'zone2.meter-factor': 1 + difference })
  }
}
