// The stream of live events.
import { z } from 'zod'
import { ROUTES } from '#contract/api.ts'
import { FAULTS, type Routes } from './app.ts'
import type { Live } from './live.ts'

const Stream = {
  description: 'Events alert, samples, events, site, parts and resync.',
  content: { 'text/event-stream': { schema: z.string() } }
}

export function liveRoutes({ app, guard, live }: Routes & { live: Live }): void {
  app.get(
    ROUTES.live,
    {
      onRequest: guard.permit('read-alerts'),
      schema: {
        tags: ['live'],
        summary: 'Server-sent events; Last-Event-ID resumes',
        // Browsers send many headers; only this one is ours.
        headers: z.looseObject({ 'last-event-id': z.string().max(64).optional() }),
        response: { 200: Stream, ...FAULTS }
      }
    },
    async (request, reply) => {
      const signedIn = guard.whoOf(request)
      live.connect({
        response: reply.raw,
        headers: reply.getHeaders(),
        lastEventId: request.headers['last-event-id'],
        sessionId: signedIn.session.id,
        stillStands: () => guard.stillStands(signedIn, 'read-alerts')
      })
      reply.hijack()
    }
  )
}
