// Checks requests by their zod schemas; the faults keep what is needed to tell them in either language.
import type { FastifySchemaCompiler } from 'fastify'
import { type core, z } from 'zod'
import { zhCN } from 'zod/v4/locales'
import { REFUSALS_IN_CHINESE } from '#contract/refusals.ts'
import type { Text } from '#contract/text.ts'
import type { RequestFault } from '../refused.ts'

const CHINESE = zhCN().localeError
const MAX_FAULTS = 50

export class RequestInvalid extends Error {
  readonly faults: readonly RequestFault[]
  constructor(issues: readonly core.$ZodIssue[]) {
    super('the request does not fit its schema')
    this.name = 'RequestInvalid'
    this.faults = issues.slice(0, MAX_FAULTS).flatMap(faultsOf)
  }
}

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data) => {
    const result = z.safeParse(schema, data, { reportInput: true })
    return result.success ? { value: result.data } : { error: new RequestInvalid(result.error.issues) }
  }

function faultsOf(issue: core.$ZodIssue): RequestFault[] {
  const path = issue.path.map(String)
  const text = textOf(issue)
  const at = (...keys: string[]) => keys.join('.').slice(0, 200) || 'body'
  // Each unknown key is a fault of its own, so that its path can be shown beside it.
  if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, MAX_FAULTS).map((key) => ({ path: at(...path, key), text }))
  return [{ path: at(...path), text }]
}

function textOf(issue: core.$ZodIssue): Text {
  if (issue.code === 'unrecognized_keys') return { zh: '未知的键', en: 'is not a known key' }
  // A raw issue is an issue with its input, and reportInput kept that.
  const words = CHINESE(issue as core.$ZodRawIssue)
  const chinese = REFUSALS_IN_CHINESE.get(issue.message) ?? (typeof words === 'string' ? words : issue.message)
  return { zh: chinese.slice(0, 500), en: issue.message.slice(0, 500) }
}
