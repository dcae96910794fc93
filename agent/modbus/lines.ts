// The lines to the Modbus devices of an agent whose config may change: a line that is reached as before keeps its connection,
// whatever becomes of the units on it.
import type { Budget } from '../budget.ts'
import { type BuildContext, budgetOf, byLine, lineOf, linkOf, type PlannedModbusDevice, type SeatedModbusDevice } from './build.ts'
import type { LineSettings, ModbusLink } from './link.ts'
import { type Transport, transportOf } from './transport.ts'

interface OpenLine {
  link: ModbusLink
  settings: LineSettings
  ending: AbortController
  /** Resolves when its connection is gone; undefined before it was run. */
  over: Promise<void> | undefined
}

export interface LinesOptions extends BuildContext {
  /** Told of a fault of ours, which no line survives. */
  failed: (error: unknown) => void
}

export class Lines {
  readonly #options: LinesOptions
  readonly #lines = new Map<string, OpenLine>()
  #running = false

  constructor(options: LinesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#lines.size
  }

  /** Whether all of these can go on with the lines that there are; false means that their line is made anew. */
  keeps(endpoint: string, sharing: readonly [PlannedModbusDevice, ...PlannedModbusDevice[]]): boolean {
    const line = this.#lines.get(endpoint)
    return line !== undefined && isSameWay(line.settings.transport, transportOf(sharing[0].config))
  }

  /**
   * Gives each device its seat on a line: `kept` ones the one that they have. Lines that nobody needs any more are closed first, and
   * so are those that are reached in another way now; none of their devices may be read at that time.
   */
  async seat(devices: readonly PlannedModbusDevice[], kept: ReadonlySet<string>): Promise<ReadonlyMap<string, Seated>> {
    const wanted = byLine(devices)
    const before = new Map([...this.#lines].map(([endpoint, { settings }]) => [endpoint, settings.budgets]))
    const over = [...this.#lines].filter(([endpoint]) => {
      const sharing = wanted.get(endpoint)
      return sharing === undefined || !this.keeps(endpoint, sharing)
    })
    for (const [endpoint, line] of over) {
      line.ending.abort()
      this.#lines.delete(endpoint)
    }
    await Promise.all(over.map(([, line]) => line.over))
    const seats = new Map<string, Seated>()
    for (const [endpoint, sharing] of wanted) {
      const seat = (device: PlannedModbusDevice) => seated(device, before.get(endpoint)?.get(device.config.unit), kept)
      const [first, ...others] = sharing
      const all = [seat(first), ...others.map(seat)] as const
      const link = this.#settle(endpoint, lineOf(all))
      for (const device of all) seats.set(device.config.id, { device, link })
    }
    return seats
  }

  /** Opens all lines, and from now on those that are added. */
  run(): void {
    this.#running = true
    for (const line of this.#lines.values()) this.#open(line)
  }

  /** Closes all lines; resolves when they are gone. */
  async end(): Promise<void> {
    this.#running = false
    for (const { ending } of this.#lines.values()) ending.abort()
    await Promise.all([...this.#lines.values()].map(({ over }) => over))
  }

  #settle(endpoint: string, settings: LineSettings): ModbusLink {
    const line = this.#lines.get(endpoint)
    if (line !== undefined) {
      line.settings = settings
      line.link.reseat(settings)
      return line.link
    }
    const link = linkOf(settings, this.#options)
    const added: OpenLine = { link, settings, ending: new AbortController(), over: undefined }
    this.#lines.set(endpoint, added)
    if (this.#running) this.#open(added)
    return link
  }

  #open(line: OpenLine): void {
    line.over = line.link.run(line.ending.signal)
    line.over.catch(this.#options.failed)
  }
}

export interface Seated {
  device: SeatedModbusDevice
  link: ModbusLink
}

// A unit that is read in another way now has still been asked what it has been asked: its new budget goes on after the old one.
function seated(device: PlannedModbusDevice, before: Budget | undefined, kept: ReadonlySet<string>): SeatedModbusDevice {
  if (before !== undefined && kept.has(device.config.id)) return { ...device, budget: before }
  const budget = budgetOf(device)
  if (before !== undefined) budget.follow(before)
  return { ...device, budget }
}

// How long connecting may take can change at any time.
function isSameWay(a: Transport, b: Transport): boolean {
  const text = (transport: Transport) => JSON.stringify({ ...transport, connectTimeoutMs: 0 }).toLowerCase()
  return text(a) === text(b)
}
