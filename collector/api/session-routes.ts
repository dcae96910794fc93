// Signing in and out, and the own password.
import { z } from 'zod'
import { type Account, AccountName } from '#contract/account.ts'
import { PasswordChange, ROUTES, Session, SignIn } from '#contract/api.ts'
import type { Audit } from '../audit.ts'
import { Refused } from '../refused.ts'
import type { Accounts } from './accounts.ts'
import { FAULTS, type Routes } from './app.ts'
import type { Sessions } from './sessions.ts'
import { networkOf, Throttle } from './throttle.ts'

const TAGS = ['session']

export interface SessionRooms extends Routes {
  accounts: Accounts
  sessions: Sessions
  audit: Audit
  now: () => number
}

export function sessionRoutes({ app, guard, accounts, sessions, audit, now }: SessionRooms): void {
  // A name waits a minute at most, so that nobody can lock another out; a network, which many may share, starts later.
  const names = new Throttle({ now, maxWaitMs: 60_000 })
  const networks = new Throttle({ now, free: 20 })

  // One look at a password: a wrong one is counted against both the name and the network of the asker.
  async function attempt(name: string, address: string, look: () => Promise<Account | undefined>): Promise<Account | undefined> {
    const network = networkOf(address)
    const waitMs = Math.max(names.waitMs(name), networks.waitMs(network))
    if (waitMs > 0) throw new Refused('TOO_MANY_ATTEMPTS', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
    names.attempt(name)
    networks.attempt(network)
    try {
      const account = await look()
      if (account !== undefined) {
        names.forget(name)
        networks.takeBack(network)
      }
      return account
    } catch (error) {
      // Nobody said that the password was right: what was counted before stays counted.
      names.takeBack(name)
      networks.takeBack(network)
      throw error
    }
  }

  function failed(name: string, address: string): void {
    // What is no name may be a password typed into the wrong field.
    const subject = AccountName.safeParse(name).success && accounts.find(name) !== undefined ? name : '(unknown)'
    audit.append({ action: 'session.failed', subject, detail: { address } })
  }

  app.post(
    ROUTES.session,
    {
      onRequest: guard.everybody(),
      schema: { tags: TAGS, summary: 'Sign in; the session is a cookie', body: SignIn, response: { 200: Session, ...FAULTS } }
    },
    async (request, reply) => {
      const { name, password } = request.body
      const account = await attempt(name, request.ip, () => accounts.check(name, password))
      if (account === undefined) {
        failed(name, request.ip)
        throw new Refused('WRONG_NAME_OR_PASSWORD')
      }
      const { token, session } = sessions.open(account.name)
      audit.append({ action: 'session.start', subject: account.name, account: account.name, detail: { address: request.ip } })
      guard.setCookie(reply, token)
      return { account, expiresAt: session.expiresAt }
    }
  )

  app.get(
    ROUTES.session,
    { onRequest: guard.anybody(), schema: { tags: TAGS, summary: 'Who is signed in', response: { 200: Session, ...FAULTS } } },
    async (request) => {
      const { account, session } = guard.whoOf(request)
      return { account, expiresAt: session.expiresAt }
    }
  )

  app.delete(
    ROUTES.session,
    { onRequest: guard.anybody(), schema: { tags: TAGS, summary: 'Sign out', response: { 204: z.null(), ...FAULTS } } },
    async (request, reply) => {
      const { account, token } = guard.whoOf(request)
      sessions.end(token)
      audit.append({ action: 'session.end', subject: account.name, account: account.name, detail: { address: request.ip } })
      guard.clearCookie(reply)
      return reply.code(204).send(null)
    }
  )

  app.post(
    ROUTES.password,
    {
      onRequest: guard.anybody(),
      schema: {
        tags: TAGS,
        summary: 'Change the own password; every other session of the account ends',
        body: PasswordChange,
        response: { 204: z.null(), ...FAULTS }
      }
    },
    async (request, reply) => {
      const { name } = guard.whoOf(request).account
      const { current, next } = request.body
      const account = await attempt(name, request.ip, () => accounts.changePassword({ name, current, next }))
      if (account === undefined) {
        failed(name, request.ip)
        throw new Refused('WRONG_PASSWORD')
      }
      guard.setCookie(reply, sessions.open(name).token)
      return reply.code(204).send(null)
    }
  )
}
