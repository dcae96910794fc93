// The collector's own database: alerts, accounts, audit and what ingest must remember. Samples live in a TelemetryStore.
import { type Database, openDatabase } from '#runtime/sqlite.ts'
import { alertsAccountsAudit } from './migrations/0001-alerts-accounts-audit.ts'
import { ingest } from './migrations/0002-ingest.ts'
import { deviceEvents } from './migrations/0003-device-events.ts'
import { agentKeys } from './migrations/0004-agent-keys.ts'

// The place in the list is the number that the file remembers: append only, never change what stands here.
const MIGRATIONS = [alertsAccountsAudit, ingest, deviceEvents, agentKeys] as const

export function openCollectorDatabase({ file }: { file: string }): Database {
  return openDatabase({ file, migrations: MIGRATIONS })
}
