// For supervisors and Prometheus: alive, ready, and the metrics.
import { isIPv4, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '#runtime/sqlite.ts'
import { Refused } from '../refused.ts'
import type { Routes } from './app.ts'
import type { Plant } from './plant.ts'

const TAGS = ['health']
const PART_STATES = ['ok', 'failing'] as const
const Alive = z.strictObject({ status: z.literal('ok') })
const Ready = z.strictObject({ ready: z.boolean(), parts: z.array(z.strictObject({ part: z.string(), state: z.enum(PART_STATES) })) })

// Without these the collector does not do its work; a failing rule or a full quarantine does not stop it.
const NEEDED = new Set(['broker', 'store', 'database'])

export interface HealthRooms extends Routes {
  plant: Pick<Plant, 'parts'>
  database: Database
  metrics: () => string | Promise<string>
}

export function healthRoutes({ app, guard, plant, database, metrics }: HealthRooms): void {
  app.get(
    '/healthz',
    { onRequest: guard.everybody(), schema: { tags: TAGS, summary: 'The process answers', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const })
  )

  app.get(
    '/readyz',
    { onRequest: guard.everybody(), schema: { tags: TAGS, summary: 'The collector does its work', response: { 200: Ready, 503: Ready } } },
    async (_request, reply) => {
      const parts = [
        ...plant.parts().map(({ part, state }) => ({ part: part as string, state })),
        { part: 'database', state: stateOf(database) }
      ]
      const ready = parts.every(({ part, state }) => state === 'ok' || !NEEDED.has(part))
      return reply.code(ready ? 200 : 503).send({ ready, parts })
    }
  )

  app.get(
    '/metrics',
    {
      onRequest: guard.everybody(),
      schema: {
        tags: TAGS,
        summary: 'Prometheus text; on this machine for all, elsewhere for a system administrator',
        response: { 200: { content: { 'text/plain': { schema: z.string() } } } }
      }
    },
    async (request, reply) => {
      if (!isOfThisMachine(request) && !guard.permits(request, 'read-metrics')) throw new Refused('NOT_SIGNED_IN')
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics())
    }
  )
}

// Not by way of a proxy, and not by a name: a foreign page can point a name of its own at this machine.
function isOfThisMachine({ socket, headers, hostname }: FastifyRequest): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined) return false
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const loopback = address === '::1' || (isIPv4(address) && address.startsWith('127.'))
  const host = hostname.replace(/^\[|\]$/g, '')
  return loopback && (host === 'localhost' || isIPv4(host) || isIPv6(host))
}

function stateOf(database: Database): (typeof PART_STATES)[number] {
  try {
    database.prepare('SELECT sequence FROM audit_head').get()
    return 'ok'
  } catch {
    // Readiness is the telling of it; whoever needs the database next logs the cause.
    return 'failing'
  }
}
