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
  log: Log
}

interface Screen {
  link: ModbusLink
  desk: ModbusDesk
}

export class Operator {
  readonly #options: OperatorOptions
  readonly #noise: Noise
  #screen: Screen | null = null
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
    if (seconds < this.#nextLook - 1e-6) return
    const { everySeconds = 1, log } = this.#options
    this.#nextLook = seconds + everySeconds
    try {
      this.#screen ??= await this.#open('operator')
      await this.#screen.desk.look(seconds)
      if (this.#away) {
        log.info('The operator sees the PLC again.')
        this.#duties = this.#duties.filter(({ name }) => name !== SET_AGAIN)
        this.#remember(this.#setAgain(seconds + NOTICED_SECONDS))
      }
      this.#away = false
      await this.#work(seconds, this.#byTheBook(this.#screen.desk))
    } catch (err) {
      if (!this.#away) log.warn({ err }, 'The operator lost sight of the PLC.')
      this.#away = true
      this.#nextLook = seconds + Math.max(AWAY_SECONDS, everySeconds)
      await this.leave()
    }
  }

  async leave(): Promise<void> {
    const screen = this.#screen
    this.#screen = null
    await screen?.link[Symbol.asyncDispose]()
  }

  async #open(who: Duty['who']): Promise<Screen> {
    const { map, connect } = this.#options
    const link = await connect(who)
    return { link, desk: new ModbusDesk({ map, link }) }
  }

  #plan(seconds: number): void {
    const day = Math.floor(seconds / DAY_SECONDS)
    if (day === this.#day) return
    this.#day = day
    for (const duty of this.#options.book(day, this.#noise)) if (duty.at >= seconds) this.#remember(duty)
  }

  // One duty at a look. One that is not allowed as things stand keeps nobody from the others.
  async #work(seconds: number, desk: Desk): Promise<void> {
    const { log } = this.#options
    const due = this.#duties.filter(({ at }) => at <= seconds)
    if (due.length === 0) return
    const duty = due.find(({ allowed }) => allowed?.(desk) ?? true)
    const late = due.filter((one) => one !== duty && one.at + PATIENCE_SECONDS < seconds && !(one.allowed?.(desk) ?? true))
    this.#duties = this.#duties.filter((one) => one !== duty && !late.includes(one))
    for (const { name } of late) log.info({ duty: name }, 'A duty is left out.')
    if (duty === undefined) return
    log.info({ duty: duty.name, who: duty.who }, 'A duty is done.')
    // Remembered before: what was done is put back also when no answer to it came.
    const follows = duty.follows?.(desk)
    if (follows !== undefined) this.#remember(follows)
    await (duty.who === 'operator' ? duty.act(desk) : this.#engineer(duty, seconds))
  }

  // The workstation connects for the work and leaves again.
  async #engineer(duty: Duty, seconds: number): Promise<void> {
    const { link, desk } = await this.#open('engineer')
    await using _held = link
    await desk.look(seconds)
    await duty.act(this.#byTheBook(desk))
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
