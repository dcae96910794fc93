// What the operator of the waterworks does in a day, by the book: when, under which condition, and what is written.
import type { Noise } from '../plants/noise.ts'
import { DAY_SECONDS } from '../plants/plant.ts'

/** What of the operator's screen the book asks about. */
export interface Screen {
  /** 1 or 2 */
  lead: number
  auto: readonly [boolean, boolean]
  running: readonly [boolean, boolean]
}

export type Order =
  | { kind: 'level-band'; start: number; stop: number }
  | { kind: 'chlorine'; setpoint: number }
  | { kind: 'speed'; speed: number }
  | { kind: 'rotate-lead' }
  | { kind: 'maintenance'; minutes: number }
  | { kind: 'maintenance-ends' }

export interface Duty {
  /** Plant seconds. */
  at: number
  order: Order
}

// Every value stays inside the agreed bands; the lead is rotated before the idle pump is taken out for maintenance.
export function dutiesOfDay(day: number, noise: Noise): Duty[] {
  const duty = (hour: number, spreadMinutes: number, order: Order): Duty => ({
    at: day * DAY_SECONDS + hour * 3600 + noise.between(-spreadMinutes, spreadMinutes) * 60,
    order
  })
  return [
    duty(6.1, 5, { kind: 'level-band', start: 3, stop: 4.5 }),
    duty(7.5, 20, { kind: 'rotate-lead' }),
    duty(9, 25, { kind: 'chlorine', setpoint: 0.45 + 0.05 * noise.choice(4) }),
    duty(10.25, 30, { kind: 'maintenance', minutes: noise.between(20, 50) }),
    duty(14, 60, { kind: 'speed', speed: 86 + 2 * noise.choice(5) }),
    duty(16, 45, { kind: 'chlorine', setpoint: 0.5 }),
    duty(21.8, 10, { kind: 'level-band', start: 3.2, stop: 4.8 })
  ].sort((a, b) => a.at - b.at)
}

/** Whether the book allows the order as things stand. */
export function allowed(order: Order, screen: Screen): boolean {
  const idle = screen.lead === 1 ? 1 : 0
  switch (order.kind) {
    case 'rotate-lead':
      return screen.auto[idle]
    case 'maintenance':
      return screen.auto[idle] && !screen.running[idle]
    case 'maintenance-ends':
      return !screen.auto[idle]
    default:
      return true
  }
}
