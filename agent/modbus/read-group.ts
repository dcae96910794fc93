// The reads of one cadence of a device, and what was learned about them: refused addresses are found by halving, once, and are
// then left alone, so that one bad address never takes its neighbours down.
import { GOOD } from '#contract/quality.ts'
import type { ModbusFault } from './fault.ts'
import { halve, joinProven, type PlanLimits, type PlannedRead } from './read-plan.ts'

// An address that the device refused is asked for again after this long: a PLC may have got a new program.
const REFUSED_AGAIN_MS = 10 * 60_000
// A device that is busy is let alone for longer each time, up to this.
const BUSY_MOST_MS = 60_000

export interface GroupRead {
  read: PlannedRead
  /** Quality of the last outcome; undefined before the first. */
  quality: number | undefined
  /** The device said no: not asked before this moment, and its tags have this quality until then. */
  rest: { until: number; quality: number } | undefined
  /** How often in a row the device was busy. */
  busy: number
}

const fresh = (read: PlannedRead): GroupRead => ({ read, quality: undefined, rest: undefined, busy: 0 })

export class ReadGroup {
  readonly cadenceMs: number
  /** How many tags one cycle reads. */
  readonly tags: number
  /** The number of the next cycle, from 0. */
  cycle = 0
  readonly #limits: PlanLimits
  #reads: GroupRead[]
  #searching = false

  constructor({ cadenceMs, reads, limits }: { cadenceMs: number; reads: readonly PlannedRead[]; limits: PlanLimits }) {
    this.cadenceMs = cadenceMs
    this.tags = reads.reduce((sum, read) => sum + read.spans.length, 0)
    this.#limits = limits
    this.#reads = reads.map(fresh)
  }

  get reads(): readonly GroupRead[] {
    return this.#reads
  }

  answered(one: GroupRead): void {
    one.quality = GOOD
    one.busy = 0
    if (one.rest === undefined) return
    one.rest = undefined
    this.#searching = true
  }

  /** The device answered with an exception; true when the refused tags were found. */
  refused(one: GroupRead, fault: ModbusFault, now: number): boolean {
    const { exceptionCode, quality } = fault
    if (exceptionCode === 2) {
      const halves = halve(one.read)
      if (halves === undefined) {
        one.rest = { until: now + REFUSED_AGAIN_MS, quality }
        return true
      }
      this.#reads.splice(this.#reads.indexOf(one), 1, ...halves.map((read) => ({ ...fresh(read), quality })))
      this.#searching = true
    }
    // Busy means yield: the next cycle leaves this read out, and more of them when the device goes on being busy.
    if (exceptionCode === 5 || exceptionCode === 6) {
      const ms = Math.min(Math.max(BUSY_MOST_MS, this.cadenceMs), 1.5 * this.cadenceMs * 2 ** one.busy++)
      one.rest = { until: now + ms, quality }
    }
    return false
  }

  /** Called after each cycle: once the search is over, what was cut apart and answers is read together again. */
  settle(): void {
    if (!this.#searching || this.#reads.some((one) => one.quality !== GOOD && one.rest === undefined)) return
    this.#searching = false
    const proven = this.#reads.filter((one) => one.quality === GOOD).map((one) => one.read)
    const joined = joinProven(proven, this.#limits)
    this.#reads = [...joined.map((read) => ({ ...fresh(read), quality: GOOD })), ...this.#reads.filter((one) => one.quality !== GOOD)]
  }
}
