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
      allowed: (desk) => desk.value(`${idle(desk)}.auto`) === 1,
      act: (desk) => desk.write({ 'pump.lead': idle(desk) === 'pump1' ? 1 : 2 })
    },
    writes('chlorine', 9, 25, { 'chlorine.setpoint': 0.45 + 0.05 * noise.choice(4) }),
    maintenance(at(10.25, 30), noise.between(20, 50)),
    {
      ...{ at: at(14, 60), name: 'speed', who: 'operator' },
      act: speedOf(86 + 2 * noise.choice(5))
    },
    writes('chlorine', 16, 45, { 'chlorine.setpoint': 0.5 }),
    writes('level-band', 21.8, 10, { 'tower.start-setpoint': 3.2, 'tower.stop-setpoint': 4.8 })
  ]
}

const leading = (desk: Desk): 'pump1' | 'pump2' => (desk.value('pump.lead') === 1 ? 'pump1' : 'pump2')
const idle = (desk: Desk): 'pump1' | 'pump2' => (leading(desk) === 'pump1' ? 'pump2' : 'pump1')

const speedOf = (speed: number) => (desk: Desk) => desk.write({ [`${leading(desk)}.speed-setpoint`]: speed })

function maintenance(at: number, minutes: number): Duty {
  return {
    ...{ at, name: 'maintenance', who: 'operator' },
    allowed: (desk) => desk.value(`${idle(desk)}.auto`) === 1 && desk.value(`${idle(desk)}.running`) === 0,
    act: (desk) => desk.write({ [`${idle(desk)}.auto`]: 0 }),
    follows(desk) {
      const pump = idle(desk)
      return {
        ...{ at: desk.seconds + minutes * 60, name: 'maintenance-ends', who: 'operator' },
        act: (later) => later.write({ [`${pump}.auto`]: 1 })
      }
    }
  }
}
