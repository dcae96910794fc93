// A desk with alerts on a real database file, opened anew as often as a test likes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert, AlertAction, AlertDetail } from '#contract/alert.ts'
import type { AlertActionRequest } from '#contract/api.ts'
import type { Database } from '#runtime/sqlite.ts'
import { Alerts } from '../../../collector/alerts/alerts.ts'
import { Audit } from '../../../collector/audit.ts'
import { Refused } from '../../../collector/refused.ts'
import { openCollectorDatabase } from '../../../collector/store/database.ts'
import { CHECK } from '../api/centre.ts'

export const HOUR = 3_600_000

export class Desk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'penstock-alerts-'))
  #files = 0
  database: Database
  audit: Audit
  alerts: Alerts

  constructor() {
    const opened = open(this.newFile())
    this.database = opened.database
    this.audit = opened.audit
    this.alerts = opened.alerts
  }

  newFile(): string {
    return join(this.#folder, `${++this.#files}.db`)
  }

  reopen(file = this.newFile()): void {
    this.database.close()
    Object.assign(this, open(file))
  }

  close(): void {
    this.database.close()
    rmSync(this.#folder, { recursive: true })
  }

  only(): Alert {
    const { alerts, total } = this.alerts.find({})
    const [alert] = alerts
    if (alert === undefined || total !== 1) throw new Error(`there are ${total} alerts, not one`)
    return alert
  }

  act(action: AlertAction, account = 'guard', change: Partial<AlertActionRequest> = {}): AlertDetail {
    const { id, version } = this.only()
    return this.alerts.act({ id, request: { action, version, ...change }, account })
  }
}

function open(file: string) {
  const database = openCollectorDatabase({ file })
  const audit = new Audit({ database })
  const alerts = new Alerts({ database, audit, reopenWithinMs: HOUR, checkOf: (rule) => (rule === CHECK.id ? CHECK : undefined) })
  return { database, audit, alerts }
}

export function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
  return 'none'
}
