// A plant is pure physics: it moves on by the seconds it is told, knows no wall clock, and repeats itself for the same seed.

export const PLANTS = ['water', 'heat', 'gas'] as const
export type PlantKind = (typeof PLANTS)[number]

export interface Plant<Signals, Actuators> {
  /** Simulated seconds since Monday 00:00 of the first week. */
  readonly seconds: number
  /** What the instruments report, with their lag, noise and resolution. */
  readonly signals: Readonly<Signals>
  /** What the PLC commands; the plant only reads it. */
  readonly actuators: Actuators
  step(seconds: number): void
}

/** What is conserved: what came in, less what went out, is what is there now, less what was there at the start. */
export interface Balance {
  name: string
  unit: 'm3' | 'kWh' | 'kg'
  /** Since the start of the simulation. */
  received: number
  given: number
  /** What is stored now. */
  held: number
}

/** What can go wrong in a plant without anybody meaning it: an amount in the unit that the plant says, 0 for nothing. */
export type Troubles<Name extends string = string> = Record<Name, number>

export const DAY_SECONDS = 86_400

/** The day of the year on which a plant starts when nobody says another: mid-March, when there is still something to heat. */
export const USUAL_START_DAY = 75
