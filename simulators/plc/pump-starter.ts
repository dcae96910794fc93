// One pump's starter: automatic or by hand, least run and rest times, interlock, and a trip when it runs without flow.

const LEAST_RUN_SECONDS = 120
const LEAST_REST_SECONDS = 30
const NO_FLOW_SECONDS = 30
const NO_FLOW_BELOW = 5

export interface StarterInputs {
  auto: boolean
  hand: boolean
  /** What the level control wants of this pump. */
  wanted: boolean
  /** False when an interlock forbids any pump to run. */
  permitted: boolean
  /** m3/h */
  flow: number
}

export class PumpStarter {
  #running = false
  #fault = false
  #since = LEAST_REST_SECONDS
  #withoutFlow = 0

  get running(): boolean {
    return this.#running
  }

  get fault(): boolean {
    return this.#fault
  }

  scan({ auto, hand, wanted, permitted, flow }: StarterInputs, seconds: number): void {
    this.#since += seconds
    this.#watchFlow(flow, seconds)
    // A trip is reset by switching the pump off: neither automatic nor hand.
    if (!auto && !hand) this.#fault = false
    this.#turn(permitted && !this.#fault && (auto ? this.#timed(wanted) : hand))
  }

  #timed(wanted: boolean): boolean {
    if (this.#running) return wanted || this.#since < LEAST_RUN_SECONDS
    return wanted && this.#since >= LEAST_REST_SECONDS
  }

  #watchFlow(flow: number, seconds: number): void {
    this.#withoutFlow = this.#running && flow < NO_FLOW_BELOW ? this.#withoutFlow + seconds : 0
    if (this.#withoutFlow >= NO_FLOW_SECONDS) this.#fault = true
  }

  #turn(on: boolean): void {
    if (on === this.#running) return
    this.#running = on
    this.#since = 0
  }
}
