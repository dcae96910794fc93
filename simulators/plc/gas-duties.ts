// The book of the gate station. Pressures stay inside the agreed band; a line is changed over only onto one that is ready;
// filters and meters are the engineer's.
import { DAY_SECONDS } from '../plants/plant.ts'
import type { Desk, Duty, DutyBook } from './duty.ts'

const DOSE = { low: 22, high: 30, wanted: 25 }
const REFILL_BELOW = 35
// From one line to the other.
const SECOND_LINE_SECONDS = 900
const TRIM = { bar: 0.05, seconds: 240, steps: 6 }

export const gasDuties: DutyBook = (day, noise) => {
  const at = (hour: number, spreadMinutes: number) => day * DAY_SECONDS + hour * 3600 + noise.between(-spreadMinutes, spreadMinutes) * 60
  // Moved in small steps, so that the regulators shut for moments at most and the odorant keeps its pace.
  const presses = (name: string, start: number, bar: number): Duty[] =>
    Array.from({ length: TRIM.steps }, (_, step) => ({
      ...{ at: start + step * TRIM.seconds, name, who: 'operator' },
      act: (desk) => trim(desk, bar)
    }))
  const duties = [
    // Each shift trims the pressure by the load it expects.
    ...presses('pressure-day', at(5.3, 8), 4 + 0.02 * noise.choice(3)),
    ...presses('shift-change', at(14, 12), 3.96 + 0.02 * noise.choice(4)),
    ...presses('pressure-night', at(22.2, 10), 3.8 + 0.02 * noise.choice(3)),
    odorantCheck(at(9, 30)),
    odorantRefill(at(10.5, 30)),
    ...[6, 14, 22].map((hour) => slamReset(at(hour + 0.6, 15)))
  ]
  // Every choice is drawn each day, so that no day of the week shifts those that follow.
  const changeover = at(10, 40)
  const filters = at(13.5, 30)
  const meters = { at: at(15, 30), first: factor(noise.normal()), second: factor(noise.normal()) }
  if (day % 7 === 1) duties.push(lineChangeover(changeover))
  if (day % 28 === 16) duties.push(filterChange(filters))
  if (day % 28 === 10) duties.push(meterCalibration(meters))
  return duties
}

async function trim(desk: Desk, bar: number): Promise<void> {
  const now = desk.value('outlet.pressure-setpoint')
  if (Math.abs(bar - now) < 0.0005) return
  await desk.write({ 'outlet.pressure-setpoint': now + Math.min(TRIM.bar, Math.max(-TRIM.bar, bar - now)) })
}

// The bill bears a tenth of a per cent at most from one calibration to the next.
const factor = (chance: number): number => 1 + Math.min(0.001, Math.max(-0.001, 0.0004 * chance))

function odorantCheck(at: number): Duty {
  return {
    ...{ at, name: 'odorant-check', who: 'operator' },
    async act(desk) {
      const dose = desk.value('odorant.dose-setpoint')
      const error = DOSE.wanted - desk.value('odorant.concentration')
      if (Math.abs(error) < 0.5) return
      const next = Math.round((dose + Math.min(1, Math.max(-1, error / 2))) * 10) / 10
      await desk.write({ 'odorant.dose-setpoint': Math.min(DOSE.high, Math.max(DOSE.low, next)) })
    }
  }
}

function odorantRefill(at: number): Duty {
  return {
    ...{ at, name: 'odorant-refill', who: 'operator' },
    async act(desk) {
      if (desk.value('odorant.level') < REFILL_BELOW) await desk.write({ 'odorant.refill': 1 })
    }
  }
}

const slammed = (desk: Desk) => ([1, 2] as const).find((line) => desk.value(`line${line}.slammed`) === 1)

// A slam-shut valve that has struck is looked at on the spot by the engineer of the shift, and latched again.
function slamReset(at: number): Duty {
  return {
    ...{ at, name: 'slam-reset', who: 'engineer' },
    allowed: (desk) => slammed(desk) !== undefined,
    act: (desk) => desk.write({ [`line${slammed(desk) ?? 1}.slam-reset`]: 1 }),
    follows: (desk) => slamReset(desk.seconds + SECOND_LINE_SECONDS)
  }
}

const standby = (desk: Desk): 1 | 2 => (desk.value('line.active') === 1 ? 2 : 1)

function lineChangeover(at: number): Duty {
  const ready = (desk: Desk, line: 1 | 2) =>
    desk.value(`line${line}.auto`) === 1 && desk.value(`line${line}.slammed`) === 0 && desk.value(`line${line}.valve-open`) === 1
  return {
    ...{ at, name: 'line-changeover', who: 'operator' },
    allowed: (desk) => ready(desk, standby(desk)),
    act: (desk) => desk.write({ 'line.active': standby(desk) })
  }
}

function filterChange(at: number): Duty {
  return {
    ...{ at, name: 'filter-change', who: 'engineer' },
    act: (desk) => desk.write({ 'filter.selected': desk.value('filter.selected') === 1 ? 2 : 1 })
  }
}

function meterCalibration({ at, first, second }: { at: number; first: number; second: number }): Duty {
  return {
    ...{ at, name: 'meter-calibration', who: 'engineer' },
    act: (desk) => desk.write({ 'line1.meter-factor': first, 'line2.meter-factor': second })
  }
}
