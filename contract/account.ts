// Accounts of people at a collector. Three roles are kept apart: nobody can act and also erase the trace.
import { z } from 'zod'
import { Time } from './envelope.ts'

export const ROLES_OF_PEOPLE = ['system-administrator', 'security-operator', 'auditor'] as const
export const AccountRole = z
  .enum(ROLES_OF_PEOPLE)
  .describe('system-administrator: accounts and settings; security-operator: alerts; auditor: reads all, the audit trail too.')
export type AccountRole = z.infer<typeof AccountRole>

export const AccountName = z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/, 'must be 2 to 32 lower-case letters, digits, . _ -')
export const Password = z.string().min(12, 'must have at least 12 characters').max(200)

export const Account = z.strictObject({
  name: AccountName,
  role: AccountRole,
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  createdAt: Time,
  lastSignIn: Time.nullable()
})
export type Account = z.infer<typeof Account>
