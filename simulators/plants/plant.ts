// A plant is pure physics: it moves on by the seconds it is told, knows no wall clock, and repeats itself for the same seed.
export interface Plant<Signals, Actuators> {
  /** Simulated seconds since Monday 00:00 of the first week. */
  readonly seconds: number
  /** What the instruments report, with their lag, noise and resolution. */
  readonly signals: Readonly<Signals>
  /** What the PLC commands; the plant only reads it. */
  readonly actuators: Actuators
  step(seconds: number): void
}

export const DAY_SECONDS = 86_400
