// How the PLC fires the heater: a PI controller on the outlet temperature, a burner that cannot burn lower than its low fire,
// and the fault when it was lit and no flame came.
import { PiController } from './pi-controller.ts'

const LOW_FIRE = { least: 0.08, off: 0.04, on: 0.1 }
const FLAME_SECONDS = 20
const LEAST_FLOW = 150
const CONTROL = { gain: 0.06, integralSeconds: 1200, low: 0, high: 1, usual: 0.2 }

export interface BurnerOrders {
  enabled: boolean
  auto: boolean
  /** °C */
  setpoint: number
  temperature: number
  /** 0 to 1 */
  handFiring: number
  /** m3/h(N) */
  flow: number
  flame: boolean
  powerOk: boolean
}

export class Burner {
  firing = 0
  fault = false
  readonly #control: PiController
  #lit = true
  #darkFor = 0

  /** firing: as it burns when the program takes over, 0 when it does not. */
  constructor(firing: number) {
    this.#control = new PiController({ ...CONTROL, initial: firing > 0 ? firing : CONTROL.usual })
  }

  scan(orders: BurnerOrders, seconds: number): void {
    const { enabled, auto, flame, powerOk } = orders
    const permitted = enabled && powerOk
    const asked = auto ? this.#controlled(orders, permitted && flame, seconds) : Math.min(1, Math.max(0, orders.handFiring))
    this.#lit = permitted && asked > (this.#lit ? LOW_FIRE.off : LOW_FIRE.on)
    this.firing = this.#lit ? Math.max(LOW_FIRE.least, asked) : 0
    const dark = this.#lit && !flame
    // What is asked for now can burn only in the next scan.
    this.fault = dark && this.#darkFor > FLAME_SECONDS
    this.#darkFor = dark ? this.#darkFor + seconds : 0
  }

  // Without flow nothing tells the temperature of the gas, so that nothing is learned from it. Without a flame the controller
  // may learn only downwards, or it would be wound up when the flame comes back.
  #controlled({ setpoint, temperature, flow }: BurnerOrders, burning: boolean, seconds: number): number {
    if (flow < LEAST_FLOW) return 0
    const error = Math.min(40, Math.max(-5, setpoint)) - temperature
    return this.#control.step(error, seconds, burning || !this.#lit || error < 0)
  }
}
