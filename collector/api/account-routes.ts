// Accounts: the administrator makes and changes them, the auditor sees them.
import { z } from 'zod'
import { Account, AccountName } from '#contract/account.ts'
import { AccountChange, NewAccount, ROUTES } from '#contract/api.ts'
import type { Accounts } from './accounts.ts'
import { FAULTS, type Routes } from './app.ts'

const TAGS = ['accounts']

export function accountRoutes({ app, guard, accounts }: Routes & { accounts: Accounts }): void {
  app.get(
    ROUTES.accounts,
    {
      onRequest: guard.permit('read-accounts'),
      schema: { tags: TAGS, summary: 'All accounts', response: { 200: z.array(Account), ...FAULTS } }
    },
    async () => accounts.list()
  )

  app.post(
    ROUTES.accounts,
    {
      onRequest: guard.permit('change-accounts'),
      schema: {
        tags: TAGS,
        summary: 'Make an account; its password must be changed at the first sign-in',
        body: NewAccount,
        response: { 201: Account, ...FAULTS }
      }
    },
    async (request, reply) => {
      const account = await accounts.create(request.body, guard.whoOf(request).account.name)
      return reply.code(201).send(account)
    }
  )

  app.patch(
    `${ROUTES.accounts}/:name`,
    {
      onRequest: guard.permit('change-accounts'),
      schema: {
        tags: TAGS,
        summary: 'Enable, disable, give another role or a new password; open sessions of the account end',
        params: z.strictObject({ name: AccountName }),
        body: AccountChange,
        response: { 200: Account, ...FAULTS }
      }
    },
    async (request) => accounts.change(request.params.name, request.body, guard.whoOf(request).account.name)
  )
}
