// The weather of a town at 40 degrees north: season and time of day by the sun, fronts that wander over days, clouds.
import { Noise, Wander } from './noise.ts'
import { DAY_SECONDS, USUAL_START_DAY } from './plant.ts'

const YEAR_DAYS = 365
const CLIMATE = { mean: 12.2, swing: 15.2, coldestDay: 19, warmestHour: 15, dailySwing: 5.2 }
const GROUND = { mean: 12.5, swing: 7, coldestDay: 52 }
const LATITUDE = (40 * Math.PI) / 180
const TILT = (23.44 * Math.PI) / 180
const LONGEST_DAY = 172
// kW/m2 that reach the ground under a clear sky.
const CLEAR_SKY = 0.95

export interface WeatherOptions {
  seed: number
  /** Seconds since Monday 00:00, for the time of day. */
  startSeconds?: number
  /** The day of the year at the start, from 0. */
  startDay?: number
  /** How far all of it is from the climate, in degrees. */
  warmer?: number
}

export class Weather {
  readonly #fronts: Wander
  readonly #clouds: Wander
  readonly #gusts: Wander
  readonly #warmer: number
  readonly #firstDay: number
  #seconds: number
  #outdoor = 0
  #cloud = 0
  #sun = 0

  constructor({ seed, startSeconds = 0, startDay = USUAL_START_DAY, warmer = 0 }: WeatherOptions) {
    const wander = (stream: string, deviation: number, memorySeconds: number) =>
      new Wander({ noise: new Noise(seed, `weather, ${stream}`), deviation, memorySeconds })
    this.#fronts = wander('fronts', 3.2, 2.5 * DAY_SECONDS)
    this.#clouds = wander('clouds', 0.35, 0.4 * DAY_SECONDS)
    this.#gusts = wander('gusts', 0.25, 1200)
    this.#warmer = warmer
    this.#seconds = startSeconds
    this.#firstDay = startDay - Math.floor(startSeconds / DAY_SECONDS)
    this.step(0)
  }

  /** Degrees Celsius in the shade. */
  get outdoor(): number {
    return this.#outdoor
  }

  /** Share of the sky, from 0 to 1. */
  get cloud(): number {
    return this.#cloud
  }

  /** kW/m2 on level ground. */
  get sun(): number {
    return this.#sun
  }

  /** Days since the first of January, with the time of day as fraction; begins again after a year. */
  get dayOfYear(): number {
    const days = (this.#firstDay + this.#seconds / DAY_SECONDS) % YEAR_DAYS
    return days < 0 ? days + YEAR_DAYS : days
  }

  /** What the climate gives as the mean of such a day. */
  get usual(): number {
    return seasonal(this.dayOfYear) + this.#warmer
  }

  /** Degrees Celsius at the depth of pipes: the season comes a month later and weaker than in the air. */
  get ground(): number {
    return GROUND.mean - GROUND.swing * Math.cos((2 * Math.PI * (this.dayOfYear - GROUND.coldestDay)) / YEAR_DAYS)
  }

  step(seconds: number): void {
    this.#seconds += seconds
    const day = this.dayOfYear
    const hour = (day % 1) * 24
    this.#cloud = Math.min(1, Math.max(0, 0.45 + this.#clouds.step(seconds)))
    const daily = CLIMATE.dailySwing * (1 - 0.6 * this.#cloud) * Math.cos((2 * Math.PI * (hour - CLIMATE.warmestHour)) / 24)
    this.#outdoor = seasonal(day) + this.#warmer + daily + this.#fronts.step(seconds) + this.#gusts.step(seconds)
    this.#sun = CLEAR_SKY * sunHeight(day, hour) * (1 - 0.75 * this.#cloud)
  }
}

const seasonal = (day: number): number => CLIMATE.mean - CLIMATE.swing * Math.cos((2 * Math.PI * (day - CLIMATE.coldestDay)) / YEAR_DAYS)

// The sine of the sun's height above the horizon, 0 at night.
function sunHeight(day: number, hour: number): number {
  const declination = TILT * Math.cos((2 * Math.PI * (day - LONGEST_DAY)) / YEAR_DAYS)
  const turned = (Math.PI * (hour - 12)) / 12
  const height = Math.sin(LATITUDE) * Math.sin(declination) + Math.cos(LATITUDE) * Math.cos(declination) * Math.cos(turned)
  return Math.max(0, height)
}
