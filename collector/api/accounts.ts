// Accounts: who may sign in, with one role each; every change is in the audit trail.
import { randomInt } from 'node:crypto'
import type { z } from 'zod'
import type { Account, AccountRole } from '#contract/account.ts'
import type { AccountChange, NewAccount } from '#contract/api.ts'
import { type Database, type Statement, transaction } from '#runtime/sqlite.ts'
import type { Audit } from '../audit.ts'
import { Refused } from '../refused.ts'
import { type PasswordCost, Passwords } from './passwords.ts'
import type { Sessions } from './sessions.ts'

export interface AccountsOptions {
  database: Database
  audit: Pick<Audit, 'append'>
  /** Sessions end with what they were opened by. */
  sessions: Pick<Sessions, 'endAllOf'>
  now?: () => number
  /** Only tests make passwords cheap. */
  passwordCost?: PasswordCost
}

export interface FirstAccount {
  name: string
  /** Shown once; it must be changed at the first sign-in. */
  password: string
}

interface Row {
  name: string
  role: AccountRole
  password: string
  must_change_password: number
  disabled: number
  created_at: number
  last_sign_in: number | null
}

const FIRST_ADMINISTRATOR = 'admin'

export class Accounts {
  readonly #database: Database
  readonly #audit: Pick<Audit, 'append'>
  readonly #sessions: Pick<Sessions, 'endAllOf'>
  readonly #now: () => number
  readonly #passwords: Passwords
  readonly #statements: Record<'all' | 'find' | 'insert' | 'update' | 'administrators', Statement>

  constructor({ database, audit, sessions, now = Date.now, passwordCost }: AccountsOptions) {
    this.#database = database
    this.#audit = audit
    this.#sessions = sessions
    this.#now = now
    this.#passwords = new Passwords(passwordCost === undefined ? {} : { cost: passwordCost })
    this.#statements = {
      all: database.prepare('SELECT * FROM accounts ORDER BY name'),
      find: database.prepare('SELECT * FROM accounts WHERE name = ?'),
      insert: database.prepare(
        'INSERT INTO accounts (name, role, password, must_change_password, disabled, created_at) VALUES (?, ?, ?, ?, 0, ?)'
      ),
      update: database.prepare(
        `UPDATE accounts SET role = :role, password = :password, must_change_password = :must_change_password,
           disabled = :disabled, last_sign_in = :last_sign_in WHERE name = :name`
      ),
      administrators: database.prepare("SELECT count(*) AS count FROM accounts WHERE role = 'system-administrator' AND disabled = 0")
    }
  }

  /** A one-time password to print as long as no administrator has ever signed in; then null. A lost one is replaced by a restart. */
  async firstStart(): Promise<FirstAccount | null> {
    const administrators = this.#rows().filter((row) => row.role === 'system-administrator')
    const [only] = administrators
    const neverUsed = administrators.length === 1 && only?.last_sign_in === null && only.must_change_password === 1
    if (only !== undefined && !neverUsed) return null
    const password = oneTimePassword()
    const record = await this.#passwords.hash(password)
    const name = only?.name ?? FIRST_ADMINISTRATOR
    transaction(this.#database, () => {
      if (only === undefined) this.#insert({ name, role: 'system-administrator', record, mustChange: true })
      else this.#replace({ ...only, password: record })
      this.#audit.append({ action: 'account.first-password', subject: name })
    })
    return { name, password }
  }

  /** For a caller that brings its own passwords (the demo): nothing need be changed at the first sign-in. */
  async ensure({ name, role, password }: z.infer<typeof NewAccount>): Promise<void> {
    const record = await this.#passwords.hash(password)
    transaction(this.#database, () => {
      const row = this.#row(name)
      if (row === undefined) this.#insert({ name, role, record, mustChange: false })
      else this.#replace({ ...row, role, password: record, must_change_password: 0, disabled: 0 })
      this.#audit.append({ action: 'account.ensure', subject: name, detail: { role } })
    })
  }

  list(): Account[] {
    return this.#rows().map(accountOf)
  }

  find(name: string): Account | undefined {
    const row = this.#row(name)
    return row === undefined ? undefined : accountOf(row)
  }

  async create({ name, role, password }: z.infer<typeof NewAccount>, by: string): Promise<Account> {
    refuseWeak(name, password)
    const record = await this.#passwords.hash(password)
    return transaction(this.#database, () => {
      if (this.#row(name) !== undefined) throw new Refused('ACCOUNT_EXISTS')
      const row = this.#insert({ name, role, record, mustChange: true })
      this.#audit.append({ action: 'account.create', subject: name, account: by, detail: { role } })
      return accountOf(row)
    })
  }

  /** A password that somebody else has set must be changed at the next sign-in. */
  async change(name: string, { disabled, role, password }: z.infer<typeof AccountChange>, by: string): Promise<Account> {
    if (password !== undefined) refuseWeak(name, password)
    const record = password === undefined ? undefined : await this.#passwords.hash(password)
    return transaction(this.#database, () => {
      const row = this.#row(name)
      if (row === undefined) throw new Refused('ACCOUNT_UNKNOWN')
      if (name === by && (disabled === true || (role !== undefined && role !== row.role))) throw new Refused('OWN_ACCOUNT')
      const after: Row = {
        ...row,
        role: role ?? row.role,
        disabled: disabled === undefined ? row.disabled : Number(disabled),
        password: record ?? row.password,
        must_change_password: record === undefined ? row.must_change_password : 1
      }
      this.#replace(after)
      const { count } = this.#statements.administrators.get() ?? {}
      if (count === 0) throw new Refused('LAST_ADMINISTRATOR')
      const detail = { disabled, role, password: record === undefined ? undefined : 'set' }
      this.#audit.append({ action: 'account.change', subject: name, account: by, detail })
      return accountOf(after)
    })
  }

  /** The account when name and password fit and it is not disabled; takes the same time in any case. */
  async check(name: string, password: string): Promise<Account | undefined> {
    const row = this.#row(name)
    const fits = await this.#passwords.verify(row?.password, password)
    if (!fits || row === undefined) return undefined
    const record = this.#passwords.isOutdated(row.password) ? await this.#passwords.hash(password) : row.password
    // Read anew: hashing takes a while, and the account may have been changed in it.
    const now = this.#row(name)
    if (now === undefined || now.password !== row.password || now.disabled === 1) return undefined
    const after = { ...now, password: record, last_sign_in: this.#now() }
    this.#update(after)
    return accountOf(after)
  }

  /** Undefined when the current password is wrong. */
  async changePassword({ name, current, next }: { name: string; current: string; next: string }): Promise<Account | undefined> {
    const row = this.#row(name)
    if (!(await this.#passwords.verify(row?.password, current)) || row === undefined) return undefined
    if (next === current) throw new Refused('PASSWORD_UNCHANGED')
    refuseWeak(name, next)
    const record = await this.#passwords.hash(next)
    return transaction(this.#database, () => {
      const now = this.#row(name)
      if (now === undefined || now.password !== row.password) return undefined
      const after = { ...now, password: record, must_change_password: 0 }
      this.#replace(after)
      this.#audit.append({ action: 'account.change-password', subject: name, account: name })
      return accountOf(after)
    })
  }

  #rows(): Row[] {
    // STRICT table and check constraints hold exactly these types.
    return this.#statements.all.all() as unknown as Row[]
  }

  #row(name: string): Row | undefined {
    const row = this.#statements.find.get(name)
    return row === undefined ? undefined : { ...(row as unknown as Row) }
  }

  #insert({ name, role, record, mustChange }: { name: string; role: AccountRole; record: string; mustChange: boolean }): Row {
    const created_at = this.#now()
    const must_change_password = Number(mustChange)
    this.#statements.insert.run(name, role, record, must_change_password, created_at)
    return { name, role, password: record, must_change_password, disabled: 0, created_at, last_sign_in: null }
  }

  #update({ created_at: _, ...row }: Row): void {
    this.#statements.update.run(row)
  }

  #replace(row: Row): void {
    this.#update(row)
    this.#sessions.endAllOf(row.name)
  }
}

function accountOf(row: Row): Account {
  return {
    name: row.name,
    role: row.role,
    disabled: row.disabled === 1,
    mustChangePassword: row.must_change_password === 1,
    createdAt: row.created_at,
    lastSignIn: row.last_sign_in
  }
}

function refuseWeak(name: string, password: string): void {
  if (password.toLowerCase().includes(name)) throw new Refused('PASSWORD_HOLDS_NAME')
}

// 20 characters of 32: 100 bits, without letters and digits that look alike.
function oneTimePassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
