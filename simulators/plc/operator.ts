// The rightful people of a works: an operator who looks at the PLC every few seconds and works by the book, and an engineer
// who comes from a workstation of his own when a duty is his. What they had set and a PLC forgot, they set again.
import type { Log } from '#runtime/log.ts'
import { Noise } from '../plants/noise.ts'
import { DAY_SECONDS } from '../plants/plant.ts'
import type { Desk, Duty, DutyBook } from './duty.ts'
import { ModbusDesk } from './modbus-desk.ts'
import type { ModbusLink } from './modbus-link.ts'
import { isRegister, type TagMap, tagNamed } from './tag-map.ts'

// A duty whose condition does not come within this time is left out for the day.
const PATIENCE_SECONDS = 3600
const AWAY_SECONDS = 5
// How long it takes people to see that a PLC came back without its setpoints.
const NOTICED_SECONDS = 90
const SET_AGAIN = 'set-again'

export interface OperatorOptions {
  map: TagMap
  book: DutyBook
  /** How each of them reaches the PLC. */
  connect: (who: Duty['who']) => Promise<ModbusLink>
  seed: number
  /** What ought to stand in tags that others have in hand, and who hears of what people write. */
  rightful?: { value(tag: string): number | undefined; wrote(values: Readonly<Record<string, number>>): void }
  /** How often the operator's screen is refreshed. */
  everySeconds?: number
  /** How many requests people send at a time, where the PLC must be spared; all they need without it. */
  atOnce?: number
  log: Log
}

interface Screen {
  link: ModbusLink
  desk: ModbusDesk
  /** All has been read, and what is to be done with it comes at the next look. */
  isReady: boolean
}

interface Visit extends Screen {
  duty: Duty
}

export class Operator {
  readonly #options: OperatorOptions
  readonly #noise: Noise
  #screen: Screen | null = null
  #visit: Visit | null = null
  #isUnderWay = false
  #away = false
  #nextLook = 0
  #day: number | null = null
  #duties: Duty[] = []
  readonly #set = new Map<string, number>()

  constructor(options: OperatorOptions) {
    this.#options = options
    this.#noise = new Noise(options.seed, 'operator')
  }

  /** Called each second with the plant's own time; a PLC that is away is tried again later. */
  async look(seconds: number): Promise<void> {
    this.#plan(seconds)
    // The plant adds up tenths of a second, which are not exact.
    if (!this.#isUnderWay && seconds < this.#nextLook - 1e-6) return
    const { everySeconds = 1, log } = this.#options
    if (!this.#isUnderWay) this.#nextLook = seconds + everySeconds
    try {
      this.#isUnderWay = await this.#goOn(seconds)
    } catch (err) {
      if (!this.#away) log.warn({ err }, 'The operator lost sight of the PLC.')
      this.#away = true
      this.#isUnderWay = false
      this.#nextLook = seconds + Math.max(AWAY_SECONDS, everySeconds)
      await this.leave()
    }
  }

  async leave(): Promise<void> {
    const screens = [this.#visit, this.#screen]
    this.#visit = null
    this.#screen = null
    for (const screen of screens) await screen?.link[Symbol.asyncDispose]()
  }

  // True while there is more to ask or to do at the next look.
  async #goOn(seconds: number): Promise<boolean> {
    if (this.#visit !== null) return this.#engineer(this.#visit, seconds)
    this.#screen ??= await this.#open('operator')
    if (!(await this.#sees(this.#screen, seconds))) return true
    if (this.#away) {
      this.#options.log.info('The operator sees the PLC again.')
      this.#duties = this.#duties.filter(({ name }) => name !== SET_AGAIN)
      this.#remember(this.#setAgain(seconds + NOTICED_SECONDS))
    }
    this.#away = false
    return this.#work(seconds, this.#byTheBook(this.#screen.desk))
  }

  /** True when all has been read and the PLC can be asked for what follows from it. */
  async #sees(screen: Screen, seconds: number): Promise<boolean> {
    const { atOnce } = this.#options
    if (screen.isReady) {
      screen.isReady = false
      return true
    }
    const isWhole = await screen.desk.lookOn(seconds, atOnce ?? Number.POSITIVE_INFINITY)
    screen.isReady = isWhole && atOnce !== undefined
    return isWhole && atOnce === undefined
  }

  async #open(who: Duty['who']): Promise<Screen> {
    const { map, connect } = this.#options
    const link = await connect(who)
    return { link, desk: new ModbusDesk({ map, link }), isReady: false }
  }

  #plan(seconds: number): void {
    const day = Math.floor(seconds / DAY_SECONDS)
    if (day === this.#day) return
    this.#day = day
    for (const duty of this.#options.book(day, this.#noise)) if (duty.at >= seconds) this.#remember(duty)
  }

  // One duty at a look. One that is not allowed as things stand keeps nobody from the others.
  async #work(seconds: number, desk: Desk): Promise<boolean> {
    const { log } = this.#options
    const due = this.#duties.filter(({ at }) => at <= seconds)
    if (due.length === 0) return false
    const duty = due.find(({ allowed }) => allowed?.(desk) ?? true)
    const late = due.filter((one) => one !== duty && one.at + PATIENCE_SECONDS < seconds && !(one.allowed?.(desk) ?? true))
    this.#duties = this.#duties.filter((one) => one !== duty && !late.includes(one))
    for (const { name } of late) log.info({ duty: name }, 'A duty is left out.')
    if (duty === undefined) return false
    log.info({ duty: duty.name, who: duty.who }, 'A duty is done.')
    // Remembered before: what was done is put back also when no answer to it came.
    const follows = duty.follows?.(desk)
    if (follows !== undefined) this.#remember(follows)
    if (duty.who === 'operator') {
      await duty.act(desk)
      return false
    }
    this.#visit = { ...(await this.#open('engineer')), duty }
    return this.#engineer(this.#visit, seconds)
  }

  // The workstation connects for the work and leaves again.
  async #engineer(visit: Visit, seconds: number): Promise<boolean> {
    if (!(await this.#sees(visit, seconds))) return true
    await visit.duty.act(this.#byTheBook(visit.desk))
    this.#visit = null
    await visit.link[Symbol.asyncDispose]()
    return false
  }

  // Whatever attackers make a setpoint show, people go by what they had agreed.
  #byTheBook(desk: ModbusDesk): Desk {
    const { map, rightful } = this.#options
    return {
      seconds: desk.seconds,
      value: (tag) => rightful?.value(tag) ?? desk.value(tag),
      write: async (values) => {
        await desk.write(values)
        rightful?.wrote(values)
        for (const [tag, value] of Object.entries(values)) if (tagNamed(map, tag).role === 'setpoint') this.#set.set(tag, value)
      }
    }
  }

  #setAgain(at: number): Duty {
    const forgotten = (desk: Desk) => [...this.#set].filter(([tag, value]) => Math.abs(desk.value(tag) - value) > this.#countOf(tag))
    return {
      ...{ at, name: SET_AGAIN, who: 'operator' },
      allowed: (desk) => forgotten(desk).length > 0,
      act: (desk) => desk.write(Object.fromEntries(forgotten(desk)))
    }
  }

  /** What one count of the tag's register stands for: no setpoint can be closer to what was written. */
  #countOf(tag: string): number {
    const { place } = tagNamed(this.#options.map, tag)
    return isRegister(place) && !place.format.startsWith('float') ? place.scale : 1e-5
  }

  #remember(duty: Duty): void {
    this.#duties.push(duty)
    this.#duties.sort((a, b) => a.at - b.at)
  }
}
