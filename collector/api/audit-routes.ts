// The audit trail, for the auditor alone.
import { z } from 'zod'
import { AuditPage, ROUTES } from '#contract/api.ts'
import type { Audit, AuditVerdict } from '../audit.ts'
import { FAULTS, type Routes } from './app.ts'

const AuditQuery = z.strictObject({
  before: z.coerce.number().int().min(1).optional().describe('Only entries before this sequence number.'),
  limit: z.coerce.number().int().min(1).max(500).default(100)
})

export function auditRoutes({ app, guard, audit }: Routes & { audit: Audit }): void {
  let walking: Promise<AuditVerdict> | undefined
  // Everybody who asks during one walk over the chain shares its verdict.
  const verdict = (): Promise<AuditVerdict> => {
    walking ??= audit.verify().finally(() => {
      walking = undefined
    })
    return walking
  }

  app.get(
    ROUTES.audit,
    {
      onRequest: guard.permit('read-audit'),
      schema: { tags: ['audit'], summary: 'Who did what, latest first', querystring: AuditQuery, response: { 200: AuditPage, ...FAULTS } }
    },
    async (request) => {
      const { intact } = await verdict()
      return { ...audit.page(request.query), intact }
    }
  )
}
