// A regulator line: slam-shut valve, monitor and worker in series. All three work on the gas alone and need no power; the PLC
// only loads the pilots of worker and monitor.
import { ATMOSPHERE } from './gas-law.ts'

// kg/s for each bar before a fully open regulator, as long as the flow is choked.
const SIZE = 0.2
/** Below this share of the pressure before it, the pressure behind a regulator no longer matters. */
const CHOKED = 0.54
// A regulator is shut at LOCK_UP times its setpoint and fully open at DROOP times it (accuracy class 2.5).
const LOCK_UP = 1.025
const DROOP = 0.975
const TRAVEL_SECONDS = 1.2
const PILOT_BAR_PER_SECOND = 0.004
/** Fixed at the valve with springs, out of reach of any PLC; bar above atmosphere. */
export const SLAM = { high: 5.2, low: 2, armed: 2.4, resetBelow: 5 }
const SLAM_SECONDS = 0.4

/** What the PLC commands of a line. */
export interface LineActuators {
  /** bar above atmosphere */
  worker: number
  monitor: number
  /** The motor valve before the line. */
  open: boolean
  /** The latch of the slam-shut valve is lifted for as long as this is on. */
  reset: boolean
}

export class RegulatorLine {
  readonly actuators: LineActuators
  /** Openings, 0 to 1. */
  worker = 0
  monitor = 1
  valve = 1
  slammed = false
  /** Pilots as loaded, bar above atmosphere. */
  workerPilot: number
  monitorPilot: number
  /** kg/s in the step before. */
  flow = 0
  #beyond = 0
  #armed = true
  #worker = 0
  #monitor = 0
  #share = 0
  #failed = 0

  /** flow: kg/s that the worker passes at the start, from an inlet at so many bar. */
  constructor({ worker, monitor, flow = 0, inlet = 1 }: { worker: number; monitor: number; flow?: number; inlet?: number }) {
    this.actuators = { worker, monitor, open: true, reset: false }
    this.workerPilot = worker
    this.monitorPilot = monitor
    this.flow = flow
    this.worker = within(flow / (SIZE * inlet), 0, 1)
  }

  /** Valve and pilots move on; failed is how far the worker stands open at least. */
  prepare(options: { seconds: number; powered: boolean; failed: number; outlet: number; strike: boolean }): void {
    const { seconds, powered, failed, outlet, strike } = options
    const { actuators } = this
    if (powered) {
      this.valve = towards(this.valve, actuators.open ? 1 : 0, seconds / 30)
      this.workerPilot = towards(this.workerPilot, within(actuators.worker, 0, 10), PILOT_BAR_PER_SECOND * seconds)
      this.monitorPilot = towards(this.monitorPilot, within(actuators.monitor, 0, 10), PILOT_BAR_PER_SECOND * seconds)
    }
    this.#guard(outlet - ATMOSPHERE, seconds, strike)
    this.#worker = this.worker
    this.#monitor = this.monitor
    this.#share = seconds / (TRAVEL_SECONDS + seconds)
    this.#failed = within(failed, 0, 1)
  }

  /** kg/s into the outlet if the outlet were at that pressure at the end of the step; falls with it. */
  flowAt(outlet: number, inlet: number): number {
    if (this.slammed || inlet <= outlet) return 0
    const opening = Math.min(this.#openingOf(this.#worker, this.workerPilot, outlet, this.#failed), this.#monitorAt(outlet))
    return SIZE * this.valve * opening * inlet * expansion(outlet / inlet)
  }

  settle(outlet: number, inlet: number): number {
    this.flow = this.flowAt(outlet, inlet)
    this.worker = this.#openingOf(this.#worker, this.workerPilot, outlet, this.#failed)
    this.monitor = this.#monitorAt(outlet)
    return this.flow
  }

  #monitorAt(outlet: number): number {
    return this.#openingOf(this.#monitor, this.monitorPilot, outlet, 0)
  }

  #openingOf(before: number, pilot: number, outlet: number, least: number): number {
    const bar = outlet - ATMOSPHERE
    const wanted = within((LOCK_UP * pilot - bar) / ((LOCK_UP - DROOP) * Math.max(0.1, pilot)), 0, 1)
    return Math.max(least, before + (wanted - before) * this.#share)
  }

  // The low trip is armed only once the pressure was there, or a line could never be taken into service again.
  #guard(bar: number, seconds: number, strike: boolean): void {
    if (bar > SLAM.armed) this.#armed = true
    // One that has struck has nothing to guard: behind it the pressure falls, and it must latch again.
    const beyond = !this.slammed && (bar > SLAM.high || (this.#armed && bar < SLAM.low))
    this.#beyond = beyond ? this.#beyond + seconds : 0
    if (strike || this.#beyond > SLAM_SECONDS) this.slammed = true
    else if (this.slammed && this.actuators.reset && bar < SLAM.resetBelow) {
      this.slammed = false
      this.#armed = bar > SLAM.armed
    }
  }
}

// How the flow falls from choked to none as the pressure behind comes near the pressure before.
const expansion = (ratio: number): number => (ratio <= CHOKED ? 1 : Math.sqrt(Math.max(0, 1 - ((ratio - CHOKED) / (1 - CHOKED)) ** 2)))
const towards = (now: number, wanted: number, most: number): number => now + within(wanted - now, -most, most)
const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, Number.isFinite(value) ? value : low))
