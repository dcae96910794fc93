// Which role may do what; three roles are kept apart, so nobody can act and also judge the trace of it.
import type { AccountRole } from '#contract/account.ts'

export const PERMISSIONS = [
  'read-plant',
  'read-alerts',
  'act-on-alerts',
  'accept-agent-keys',
  'read-accounts',
  'change-accounts',
  'read-audit',
  'read-metrics'
] as const
export type Permission = (typeof PERMISSIONS)[number]

const GRANTED: Readonly<Record<AccountRole, readonly Permission[]>> = {
  'system-administrator': ['read-plant', 'read-alerts', 'read-accounts', 'change-accounts', 'read-metrics'],
  'security-operator': ['read-plant', 'read-alerts', 'act-on-alerts', 'accept-agent-keys'],
  auditor: ['read-plant', 'read-alerts', 'read-accounts', 'read-audit']
}

export function permits(role: AccountRole, permission: Permission): boolean {
  return GRANTED[role].includes(permission)
}
