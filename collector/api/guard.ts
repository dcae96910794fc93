// Who asks, and may they: sessions by cookie, permissions by role, and no orders from foreign pages.
import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '#contract/account.ts'
import { Refused } from '../refused.ts'
import type { Accounts } from './accounts.ts'
import { type Permission, permits } from './permissions.ts'
import type { OpenSession, Sessions } from './sessions.ts'

export interface SignedIn {
  account: Account
  session: OpenSession
  token: string
}

export interface GuardOptions {
  accounts: Pick<Accounts, 'find'>
  sessions: Pick<Sessions, 'find'>
  /** True when browsers reach us over TLS. */
  secure: boolean
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

export class Guard {
  readonly #accounts: Pick<Accounts, 'find'>
  readonly #sessions: Pick<Sessions, 'find'>
  readonly #secure: boolean
  readonly #signedIn = new WeakMap<FastifyRequest, SignedIn>()
  readonly #hooks = new WeakSet<object>()

  constructor({ accounts, sessions, secure }: GuardOptions) {
    this.#accounts = accounts
    this.#sessions = sessions
    this.#secure = secure
  }

  // With the __Host- prefix a browser takes the cookie only over TLS and from this very host (RFC 6265bis, 4.1.3.2).
  get #cookieName(): string {
    return this.#secure ? '__Host-penstock' : 'penstock'
  }

  /** For a route that needs a permission; a password that must be changed comes first. */
  permit(permission: Permission) {
    return this.#hook((request) => {
      const { account } = this.#recognise(request)
      if (account.mustChangePassword) throw new Refused('PASSWORD_CHANGE_NEEDED')
      if (!permits(account.role, permission)) throw new Refused('NOT_PERMITTED')
    })
  }

  /** For a route that only needs somebody signed in, whatever the role. */
  anybody() {
    return this.#hook((request) => this.#recognise(request))
  }

  /** For a route that is open to all, on purpose. */
  everybody() {
    return this.#hook(() => {})
  }

  /** A route without a guard is a fault of ours, told when the server is built. */
  isHook(hook: unknown): boolean {
    return typeof hook === 'function' && this.#hooks.has(hook)
  }

  /** Who made the request, after its guard has let it pass. */
  whoOf(request: FastifyRequest): SignedIn {
    const signedIn = this.#signedIn.get(request)
    if (signedIn === undefined) throw new Error('a route asked for an account that its guard does not look for')
    return signedIn
  }

  permits(request: FastifyRequest, permission: Permission): boolean {
    const account = this.#find(request)?.account
    return account !== undefined && !account.mustChangePassword && permits(account.role, permission)
  }

  /** Whether the session of a long answer still stands; looking does not keep it alive. */
  stillStands({ token }: SignedIn, permission: Permission): boolean {
    const session = this.#sessions.find(token, { touch: false })
    const account = session === undefined ? undefined : this.#accounts.find(session.account)
    return account !== undefined && !account.disabled && !account.mustChangePassword && permits(account.role, permission)
  }

  setCookie(reply: FastifyReply, token: string): void {
    reply.setCookie(this.#cookieName, token, this.#cookieOptions())
  }

  clearCookie(reply: FastifyReply): void {
    reply.clearCookie(this.#cookieName, this.#cookieOptions())
  }

  #cookieOptions(): CookieSerializeOptions {
    return { path: '/', httpOnly: true, sameSite: 'strict', secure: this.#secure }
  }

  #hook(check: (request: FastifyRequest) => void) {
    const hook = async (request: FastifyRequest): Promise<void> => check(request)
    this.#hooks.add(hook)
    return hook
  }

  #recognise(request: FastifyRequest): SignedIn {
    const signedIn = this.#find(request)
    if (signedIn === undefined) throw new Refused('NOT_SIGNED_IN')
    this.#signedIn.set(request, signedIn)
    return signedIn
  }

  #find(request: FastifyRequest): SignedIn | undefined {
    const token = request.cookies[this.#cookieName]
    const session = token === undefined ? undefined : this.#sessions.find(token)
    const account = session === undefined ? undefined : this.#accounts.find(session.account)
    return token === undefined || session === undefined || account === undefined || account.disabled
      ? undefined
      : { account, session, token }
  }
}

/** The cookie is SameSite=Strict; this is the second lock against orders that a foreign page gives in a person's name. */
export async function refuseForeign({ method, headers, host }: FastifyRequest): Promise<void> {
  if (SAFE_METHODS.has(method)) return
  const site = headers['sec-fetch-site']
  if (site !== undefined) {
    if (site !== 'same-origin') throw new Refused('FOREIGN_ORIGIN')
    return
  }
  // Browsers leave Sec-Fetch-Site out on plain HTTP; programs send neither and carry no cookie of a person.
  const { origin } = headers
  if (origin === undefined) return
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw new Refused('FOREIGN_ORIGIN')
}
