// Slows down guessing: after some failed sign-ins a name or an address must wait, longer with each further one.
import { isIPv6 } from 'node:net'

interface Failures {
  count: number
  /** No attempt is looked at before. */
  until: number
  /** Then it is forgotten. */
  forgetAt: number
}

export interface ThrottleOptions {
  now?: () => number
  /** Failures without a wait. */
  free?: number
  /** The first wait; each further one is twice as long. */
  firstWaitMs?: number
  maxWaitMs?: number
}

const FORGET_AFTER_MS = 3_600_000
const MAX_KEYS = 10_000

export class Throttle {
  readonly #now: () => number
  readonly #free: number
  readonly #firstWaitMs: number
  readonly #maxWaitMs: number
  readonly #failures = new Map<string, Failures>()

  constructor({ now = Date.now, free = 5, firstWaitMs = 1000, maxWaitMs = 900_000 }: ThrottleOptions = {}) {
    this.#now = now
    this.#free = free
    this.#firstWaitMs = firstWaitMs
    this.#maxWaitMs = maxWaitMs
  }

  /** How long the key must still wait; 0 when an attempt may be made. */
  waitMs(key: string): number {
    return Math.max(0, (this.#failures.get(key)?.until ?? 0) - this.#now())
  }

  /** Counted before the password is looked at, so that attempts side by side gain nothing. */
  attempt(key: string): void {
    const now = this.#now()
    const before = this.#failures.get(key)
    const count = before === undefined || before.forgetAt <= now ? 1 : before.count + 1
    const wait = count <= this.#free ? 0 : Math.min(this.#maxWaitMs, this.#firstWaitMs * 2 ** (count - this.#free - 1))
    // Set anew, so that the map stays in the order of use and the oldest is dropped first.
    this.#failures.delete(key)
    this.#failures.set(key, { count, until: now + wait, forgetAt: now + wait + FORGET_AFTER_MS })
    if (this.#failures.size > MAX_KEYS) for (const [oldest] of this.#failures.entries().take(1)) this.#failures.delete(oldest)
  }

  /** The attempt was a good one and does not count. */
  takeBack(key: string): void {
    const failures = this.#failures.get(key)
    if (failures === undefined) return
    failures.count--
    failures.until = this.#now()
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }
}

/** One host has a whole /64 of IPv6 addresses to guess from (RFC 6177), so that counts as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace(/^::ffff:/, '')
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  const all = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...rest]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
