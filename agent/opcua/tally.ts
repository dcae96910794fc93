// The figures of one server for health: requests by service, failures by status, round trips, and how much of the last hour it
// answered.
import type { DeviceHealth } from '#contract/agent-status.ts'
import { RoundTrips } from '../round-trips.ts'
import type { OpcUaFault } from './fault.ts'
import type { Tally } from './guard.ts'

const MINUTES = 60
// A server may invent status codes; what goes beyond is counted together.
const MOST_NAMES = 40

export class ServerTally implements Tally {
  readonly #now: () => number
  readonly #requests = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #counted = new WeakSet<OpcUaFault>()
  readonly #roundTrips = new RoundTrips()
  #refused = 0
  #connects = 0
  #late = 0
  // How long it was up, and how long that is known, in each minute of the last hour.
  readonly #up = new Float64Array(MINUTES)
  readonly #known = new Float64Array(MINUTES)
  #minute: number
  #since: number
  #isUp = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#since = now()
    this.#minute = Math.floor(this.#since / 60_000)
  }

  sent(service: string): void {
    count(this.#requests, service.slice(0, 60))
    if (service === 'CreateSession') this.#connects++
  }

  refused(service: string): void {
    this.#refused++
    count(this.#failures, `refused ${service}`.slice(0, 40))
  }

  /** A fault that ends a connection is told by the request that met it and by the source; it is counted once. */
  failed(fault: OpcUaFault): void {
    if (this.#counted.has(fault)) return
    this.#counted.add(fault)
    const { code, statusName } = fault
    count(this.#failures, statusName.slice(0, 40))
    if (code === 'OPCUA_TIMEOUT') this.#late++
  }

  took(ms: number): void {
    this.#roundTrips.add(ms)
  }

  answers(isUp: boolean): void {
    this.#settle()
    this.#isUp = isUp
  }

  health(): Pick<
    DeviceHealth,
    'requests' | 'refused' | 'failures' | 'staleReplies' | 'connects' | 'roundTripP50Ms' | 'roundTripP95Ms' | 'availability'
  > {
    this.#settle()
    const known = this.#known.reduce((sum, ms) => sum + ms, 0)
    const up = this.#up.reduce((sum, ms) => sum + ms, 0)
    const [p50, p95] = this.#roundTrips.percentiles()
    return {
      requests: Object.fromEntries(this.#requests),
      refused: this.#refused,
      failures: Object.fromEntries(this.#failures),
      staleReplies: this.#late,
      connects: this.#connects,
      roundTripP50Ms: p50,
      roundTripP95Ms: p95,
      availability: known === 0 ? null : Math.min(1, up / known)
    }
  }

  // What has passed since the last change goes to the minutes that it lies in.
  #settle(): void {
    const now = this.#now()
    while (this.#since < now) {
      const minute = Math.floor(this.#since / 60_000)
      if (minute - this.#minute >= MINUTES) this.#forget()
      for (; this.#minute < minute; this.#minute++) {
        this.#up[(this.#minute + 1) % MINUTES] = 0
        this.#known[(this.#minute + 1) % MINUTES] = 0
      }
      const until = Math.min(now, (minute + 1) * 60_000)
      const place = minute % MINUTES
      this.#known[place] = (this.#known[place] ?? 0) + until - this.#since
      if (this.#isUp) this.#up[place] = (this.#up[place] ?? 0) + until - this.#since
      this.#since = until
    }
  }

  #forget(): void {
    this.#up.fill(0)
    this.#known.fill(0)
    this.#minute = Math.floor(this.#since / 60_000)
  }
}

function count(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < MOST_NAMES ? name : 'other'
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
