// The book of the heating station. Every value stays inside the agreed bands; a tripped pump is reset at the change of shift.
import { DAY_SECONDS } from '../plants/plant.ts'
import type { Desk, Duty, DutyBook } from './duty.ts'

const WEEKDAY = { rotation: 0, maintenance: 1, calibration: 3 }
const SHIFTS = [
  { number: 1, hour: 6 },
  { number: 2, hour: 14 },
  { number: 3, hour: 22 }
] as const
// bar over the strainer from which it is worth flushing, and the pressure that the loop must have for it.
const FLUSH = { drop: 0.16, pressure: 2.6 }

export const heatDuties: DutyBook = (day, noise) => {
  const at = (hour: number, spreadMinutes: number) => day * DAY_SECONDS + hour * 3600 + noise.between(-spreadMinutes, spreadMinutes) * 60
  const weekday = day % 7
  const weekend = weekday >= 5
  return [
    ...SHIFTS.map(({ number, hour }): Duty => writes('shift-change', at(hour, 8), { 'shift.number': number })),
    ...SHIFTS.map(({ hour }) => reset(at(hour + 0.4, 10), noise.between(2, 6))),
    { ...{ at: at(8.7, 20), name: 'curve-trim', who: 'operator' }, allowed: heating, act: trim },
    writes('night-reduction', at(16.5, 30), { 'night.reduction': weekend ? 5 : 5.5 + 0.5 * noise.choice(3) }),
    writes('night-times', at(20, 25), { 'night.start': weekend ? 1380 : 1350, 'night.end': weekend ? 390 : 330 }),
    { ...{ at: at(13, 60), name: 'speed', who: 'operator' }, allowed: heating, act: speed(82 + 2 * noise.choice(4)) },
    {
      ...{ at: at(10.5, 30), name: 'strainer-flush', who: 'operator' },
      allowed: (desk) => desk.value('strainer.pressure-drop') > FLUSH.drop && desk.value('return.pressure') > FLUSH.pressure,
      act: (desk) => desk.write({ 'strainer.flush': 1 })
    },
    ...(weekday === WEEKDAY.rotation ? [rotation(at(9.5, 20))] : []),
    ...(weekday === WEEKDAY.maintenance ? [maintenance(at(11, 30), noise.between(20, 50))] : []),
    ...(weekday === WEEKDAY.calibration ? [calibration(at(14.6, 30), noise.between(-0.001, 0.001))] : [])
  ]
}

const writes = (name: string, at: number, values: Record<string, number>): Duty => ({
  ...{ at, name, who: 'operator' },
  act: (desk) => desk.write(values)
})

const heating = (desk: Desk): boolean => desk.value('heating.active') === 1
const leading = (desk: Desk): 'pump1' | 'pump2' => (desk.value('pump.lead') === 1 ? 'pump1' : 'pump2')
const idle = (desk: Desk): 'pump1' | 'pump2' => (leading(desk) === 'pump1' ? 'pump2' : 'pump1')
const tripped = (desk: Desk) => (['pump1', 'pump2'] as const).find((pump) => desk.value(`${pump}.fault`) === 1)

// The curve goes by what the reference room says: a little up when it is cool, a little down when it is too warm.
function trim(desk: Desk): Promise<void> {
  const room = desk.value('room.temperature')
  const step = room < 20.5 ? 0.5 : room > 22 ? -0.5 : 0
  const shift = Math.min(2, Math.max(-2, desk.value('curve.shift') + step))
  return desk.write({ 'curve.shift': shift })
}

const speed = (wanted: number) => (desk: Desk) => desk.write({ 'pump.speed-setpoint': wanted })

function rotation(at: number): Duty {
  return {
    ...{ at, name: 'rotate-lead', who: 'operator' },
    allowed: (desk) => desk.value(`${idle(desk)}.auto`) === 1 && desk.value(`${idle(desk)}.fault`) === 0,
    act: (desk) => desk.write({ 'pump.lead': idle(desk) === 'pump1' ? 1 : 2 })
  }
}

function maintenance(at: number, minutes: number): Duty {
  return {
    ...{ at, name: 'maintenance', who: 'engineer' },
    allowed: (desk) => desk.value(`${idle(desk)}.auto`) === 1 && desk.value(`${idle(desk)}.running`) === 0,
    act: (desk) => desk.write({ [`${idle(desk)}.auto`]: 0 }),
    follows: (desk) => backToAutomatic(desk, idle(desk), minutes, 'maintenance-ends')
  }
}

function reset(at: number, minutes: number): Duty {
  return {
    ...{ at, name: 'reset-trip', who: 'operator' },
    allowed: (desk) => tripped(desk) !== undefined,
    act: (desk) => desk.write({ [`${tripped(desk) ?? idle(desk)}.auto`]: 0 }),
    follows: (desk) => backToAutomatic(desk, tripped(desk) ?? idle(desk), minutes, 'reset-ends')
  }
}

function backToAutomatic(desk: Desk, pump: 'pump1' | 'pump2', minutes: number, name: string): Duty {
  return {
    ...{ at: desk.seconds + minutes * 60, name, who: 'engineer' },
    act: (later) => later.write({ [`${pump}.auto`]: 1 })
  }
}

// The engineer has compared the heat meter with a clamp-on reference and corrects its factor.
function calibration(at: number, difference: number): Duty {
  return {
    ...{ at, name: 'meter-calibration', who: 'engineer' },
    act: (desk) => desk.write({ 'meter.flow-factor': 1 + difference })
  }
}
