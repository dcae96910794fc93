// The drive of one circulation pump: automatic or by hand, interlock, and a trip when it is told to run and does not turn.

const TURNS_ABOVE = 10
const STILL_SECONDS = 8

export interface DriveInputs {
  auto: boolean
  hand: boolean
  /** What the program wants of this pump in automatic. */
  wanted: boolean
  /** False when an interlock forbids any pump to run. */
  permitted: boolean
  /** Speed that the drive reports, %. */
  speed: number
}

export class HeatPumpDrive {
  running = false
  fault = false
  #still = 0

  scan({ auto, hand, wanted, permitted, speed }: DriveInputs, seconds: number): void {
    this.#still = this.running && permitted && speed < TURNS_ABOVE ? this.#still + seconds : 0
    // A long scan alone is no trip: the drive must have been still before it as well.
    if (this.#still >= STILL_SECONDS + seconds) this.fault = true
    // A trip is reset by switching the pump off: neither automatic nor hand.
    if (!auto && !hand) this.fault = false
    this.running = permitted && !this.fault && (auto ? wanted : hand)
  }
}
