// Every fault of the API leaves in one shape and in the language of the reader.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '#contract/api.ts'
import { type Language, pick } from '#contract/text.ts'
import { REFUSALS, type RefusalCode, Refused } from '../refused.ts'
import { StoreFault } from '../store/telemetry.ts'
import { RequestInvalid } from './validation.ts'

interface FaultLog {
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export function answerFault(log: FaultLog) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const refused = refusedOf(error, request)
    const { status } = REFUSALS[refused.code]
    if (refused.code === 'INTERNAL')
      log.error({ err: error, method: request.method, url: pathOf(request) }, 'A request failed by a fault of ours.')
    if (refused.code === 'STORE_AWAY')
      log.warn({ reason: error.message, url: pathOf(request) }, 'A request could not be answered: the store is away.')
    if (refused.retryAfterSeconds !== undefined) reply.header('retry-after', refused.retryAfterSeconds)
    reply
      .status(status)
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send(faultOf(refused, languageOf(request)))
  }
}

export function faultOf({ code, faults }: Refused, language: Language): Fault {
  return {
    error: {
      code,
      message: pick(REFUSALS[code].text, language),
      faults: faults.map(({ path, text }) => ({ path, message: pick(text, language) }))
    }
  }
}

// RFC 9110, 12.5.4: the language with the highest weight that we have; English when none is named.
export function languageOf({ headers }: Pick<FastifyRequest, 'headers'>): Language {
  const wanted = (headers['accept-language'] ?? '')
    .slice(0, 200)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/)
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 }
    })
    .filter(({ tag, weight }) => weight > 0 && /^(zh|en)(-|$)/.test(tag))
    .sort((a, b) => b.weight - a.weight)
  return wanted[0]?.tag.startsWith('zh') === true ? 'zh-CN' : 'en'
}

const OF_FASTIFY: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'NOT_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_INVALID',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_NOT_FOUND: 'NOT_FOUND'
}

function refusedOf(error: FastifyError | Error, { method }: FastifyRequest): Refused {
  if (error instanceof Refused) return error
  if (error instanceof RequestInvalid) return new Refused('REQUEST_INVALID', { faults: [...error.faults] })
  if (error instanceof StoreFault) return new Refused(error.code === 'STORE_AWAY' ? 'STORE_AWAY' : 'INTERNAL', { retryAfterSeconds: 10 })
  const code = 'code' in error ? OF_FASTIFY[error.code] : undefined
  if (code !== undefined) return new Refused(code)
  if ('statusCode' in error && error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    // Without a body only the address can be at fault: one that climbs out of the folder of the console, for example.
    if (method === 'GET' || method === 'HEAD') return new Refused('NOT_FOUND')
    // Malformed bodies: not JSON at all, an empty body, or keys that poison prototypes.
    return new Refused('REQUEST_INVALID', { faults: [{ path: 'body', text: { zh: '不是有效的 JSON', en: 'is not valid JSON' } }] })
  }
  return new Refused('INTERNAL')
}

// The query may hold what a person searched for; it stays out of the log.
function pathOf({ url }: FastifyRequest): string {
  return (url.split('?')[0] ?? '').slice(0, 200)
}
