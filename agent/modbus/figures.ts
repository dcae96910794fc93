// The figures of one device for its health: what it was asked, how it answered, and how much of the last hour it was there.

import { RoundTrips } from '../round-trips.ts'
import type { Table } from './read-plan.ts'

const FUNCTION_OF = { coil: 1, 'discrete-input': 2, 'holding-register': 3, 'input-register': 4 } as const satisfies Record<Table, number>
export const functionOf = (table: Table): number => FUNCTION_OF[table]

const MINUTE_MS = 60_000
const MINUTES = 60

export class Figures {
  readonly #now: () => number
  readonly #requests = new Map<number, number>()
  readonly #failures = new Map<string, number>()
  readonly #roundTrips = new RoundTrips()
  // Reads that were due, and those of them that the device answered, by minute of the last hour.
  readonly #due = new Uint32Array(MINUTES)
  readonly #answered = new Uint32Array(MINUTES)
  readonly #minutes = new Float64Array(MINUTES).fill(-1)

  constructor({ now = () => performance.now() }: { now?: () => number } = {}) {
    this.#now = now
  }

  requested(functionCode: number): void {
    this.#requests.set(functionCode, (this.#requests.get(functionCode) ?? 0) + 1)
  }

  failed(kind: string): void {
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1)
  }

  roundTrip(ms: number): void {
    this.#roundTrips.add(ms)
  }

  /** A read was due; an exception is an answer too. */
  due(answered: boolean): void {
    const minute = Math.floor(this.#now() / MINUTE_MS)
    const place = minute % MINUTES
    if (this.#minutes[place] !== minute) {
      this.#minutes[place] = minute
      this.#due[place] = 0
      this.#answered[place] = 0
    }
    this.#due[place] = (this.#due[place] ?? 0) + 1
    if (answered) this.#answered[place] = (this.#answered[place] ?? 0) + 1
  }

  /** The share of the reads of the last hour that the device answered; null before there is one. */
  get availability(): number | null {
    const oldest = Math.floor(this.#now() / MINUTE_MS) - MINUTES
    let due = 0
    let answered = 0
    for (let i = 0; i < MINUTES; i++) {
      if ((this.#minutes[i] ?? -1) <= oldest) continue
      due += this.#due[i] ?? 0
      answered += this.#answered[i] ?? 0
    }
    return due === 0 ? null : answered / due
  }

  get counts() {
    const [roundTripP50Ms, roundTripP95Ms] = this.#roundTrips.percentiles()
    return {
      requests: Object.fromEntries(this.#requests),
      failures: Object.fromEntries(this.#failures),
      roundTripP50Ms,
      roundTripP95Ms
    }
  }
}
