// Sessions: an opaque random token in a cookie, of which only the hash is kept; revocable at once.
import { createHash, randomBytes } from 'node:crypto'
import type { Account } from '#contract/account.ts'
import { type Database, type Statement, transaction } from '#runtime/sqlite.ts'

export interface SessionsOptions {
  database: Database
  now?: () => number
  /** A session without a request for so long ends. */
  idleMs: number
  /** A session ends after so long in any case. */
  absoluteMs: number
  /** Told after each revocation, so that open streams can be ended. */
  onRevoked?: () => void
}

export interface OpenSession {
  /** Names the session without being able to open it. */
  id: string
  account: string
  expiresAt: number
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/
const SESSIONS_PER_ACCOUNT = 20
// The moment of last use is written at most this often.
const TOUCH_EVERY_MS = 30_000

export class Sessions {
  readonly #database: Database
  readonly #now: () => number
  readonly #idleMs: number
  readonly #absoluteMs: number
  readonly #onRevoked: () => void
  readonly #statements: Record<'insert' | 'find' | 'touch' | 'end' | 'endAll' | 'endExpired' | 'endExcess', Statement>

  constructor({ database, now = Date.now, idleMs, absoluteMs, onRevoked = () => {} }: SessionsOptions) {
    this.#database = database
    this.#now = now
    this.#idleMs = idleMs
    this.#absoluteMs = absoluteMs
    this.#onRevoked = onRevoked
    this.#statements = {
      insert: database.prepare('INSERT INTO sessions (token_hash, account, created_at, last_used, expires_at) VALUES (?, ?, ?, ?, ?)'),
      find: database.prepare('SELECT account, last_used, expires_at FROM sessions WHERE token_hash = ?'),
      touch: database.prepare('UPDATE sessions SET last_used = ? WHERE token_hash = ?'),
      end: database.prepare('DELETE FROM sessions WHERE token_hash = ?'),
      endAll: database.prepare('DELETE FROM sessions WHERE account = ?'),
      endExpired: database.prepare('DELETE FROM sessions WHERE expires_at <= ? OR last_used <= ?'),
      endExcess: database.prepare(
        'DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE account = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)'
      )
    }
  }

  /** Gives the token for the cookie; it is not kept. */
  open(account: Account['name']): { token: string; session: OpenSession } {
    const token = randomBytes(32).toString('base64url')
    const id = hashOf(token)
    const now = this.#now()
    const expiresAt = now + this.#absoluteMs
    transaction(this.#database, () => {
      this.#statements.endExpired.run(now, now - this.#idleMs)
      this.#statements.insert.run(id, account, now, now, expiresAt)
      this.#statements.endExcess.run(account, SESSIONS_PER_ACCOUNT)
    })
    this.#onRevoked()
    return { token, session: { id: id.toString('base64url'), account, expiresAt } }
  }

  /** A request came with this token; looking on (`touch: false`) does not keep the session alive. */
  find(token: string, { touch = true }: { touch?: boolean } = {}): OpenSession | undefined {
    if (!TOKEN.test(token)) return undefined
    const id = hashOf(token)
    const { account, last_used, expires_at } = this.#statements.find.get(id) ?? {}
    const now = this.#now()
    // The columns are NOT NULL: all are there or the row is not.
    if (typeof account !== 'string' || typeof last_used !== 'number' || typeof expires_at !== 'number') return undefined
    // Also when the clock was set back: a use in the future says nothing of how long nobody asked.
    if (now >= expires_at || Math.abs(now - last_used) >= this.#idleMs) {
      this.#statements.end.run(id)
      return undefined
    }
    if (touch && now - last_used >= TOUCH_EVERY_MS) this.#statements.touch.run(now, id)
    return { id: id.toString('base64url'), account, expiresAt: expires_at }
  }

  end(token: string): void {
    this.#statements.end.run(hashOf(token))
    this.#onRevoked()
  }

  endAllOf(account: string): void {
    this.#statements.endAll.run(account)
    this.#onRevoked()
  }
}

// The token has 256 random bits, so a plain hash is enough to make a stolen database useless.
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
