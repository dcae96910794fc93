// Passwords as argon2id records (RFC 9106); the parameters stand in each record, so they can grow later.
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { Refused } from '../refused.ts'

export interface PasswordCost {
  memoryKiB: number
  passes: number
}

// RFC 9106, section 4: the second recommended option, 64 MiB and three passes.
const DEFAULT_COST: PasswordCost = { memoryKiB: 65_536, passes: 3 }
const TAG_BYTES = 32
const SALT_BYTES = 16
// Each hash holds its memory while it runs: two at once, a bounded queue behind them, and a refusal beyond it.
const AT_ONCE = 2
const MAX_WAITING = 16

const RECORD = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=1\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/

export class Passwords {
  readonly #cost: PasswordCost
  // A record that no password fits.
  readonly #decoy: string
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ cost = DEFAULT_COST }: { cost?: PasswordCost } = {}) {
    this.#cost = cost
    this.#decoy = recordOf(cost, randomBytes(SALT_BYTES), randomBytes(TAG_BYTES))
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    return recordOf(this.#cost, salt, await this.#derive(password, salt, this.#cost))
  }

  /** Without a record it takes as long and says no, so that a name cannot be guessed by the time an answer takes. */
  async verify(record: string | undefined, password: string): Promise<boolean> {
    const match = RECORD.exec(record ?? this.#decoy)
    if (match === null) throw new Error('a password record of the database is damaged')
    const [, memory, passes, salt = '', tag = ''] = match
    const cost = { memoryKiB: Number(memory), passes: Number(passes) }
    const derived = await this.#derive(password, Buffer.from(salt, 'base64url'), cost)
    return timingSafeEqual(derived, Buffer.from(tag, 'base64url')) && record !== undefined
  }

  /** True when the record was made with other parameters than those of today. */
  isOutdated(record: string): boolean {
    const [, memory, passes] = RECORD.exec(record) ?? []
    return Number(memory) !== this.#cost.memoryKiB || Number(passes) !== this.#cost.passes
  }

  async #derive(password: string, nonce: Buffer, { memoryKiB, passes }: PasswordCost): Promise<Buffer> {
    await this.#enter()
    try {
      // The same characters typed on two keyboards may differ in code points (NIST SP 800-63B, 5.1.1.2).
      const message = password.normalize('NFKC')
      return await derive({ message, nonce, parallelism: 1, tagLength: TAG_BYTES, memory: memoryKiB, passes })
    } finally {
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++
      return
    }
    if (this.#waiting.length >= MAX_WAITING) throw new Refused('BUSY', { retryAfterSeconds: 5 })
    // The place of the one who leaves is handed over, so the count stays as it is.
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }
}

function recordOf({ memoryKiB, passes }: PasswordCost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=1$${salt.toString('base64url')}$${tag.toString('base64url')}`
}

function derive(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
