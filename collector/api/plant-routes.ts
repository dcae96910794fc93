// What is known of the plants: overview, tags, gaps, rules and quarantine.
import { z } from 'zod'
import { EventPage, EventQuery, GapView, Overview, QuarantineEntry, ROUTES, RuleView, TagQuery, TagView } from '#contract/api.ts'
import { FAULTS, type Routes } from './app.ts'
import { GapQuery, type Plant } from './plant.ts'

const TAGS = ['plant']

export function plantRoutes({ app, guard, plant }: Routes & { plant: Plant }): void {
  const onRequest = guard.permit('read-plant')

  app.get(
    ROUTES.overview,
    { onRequest, schema: { tags: TAGS, summary: 'Is anything wrong, and where', response: { 200: Overview, ...FAULTS } } },
    async () => plant.overview()
  )

  app.get(
    ROUTES.tags,
    {
      onRequest,
      schema: {
        tags: TAGS,
        summary: 'Tags with their latest sample',
        querystring: TagQuery,
        response: { 200: z.array(TagView), ...FAULTS }
      }
    },
    async (request, reply) => {
      const tags = await plant.tags(request.query)
      // Thousands of tags: checking each against its schema would cost more than finding them.
      return reply
        .type('application/json; charset=utf-8')
        .serializer(JSON.stringify)
        .send([...tags])
    }
  )

  app.get(
    ROUTES.gaps,
    {
      onRequest,
      schema: {
        tags: TAGS,
        summary: 'What was missed, latest first',
        querystring: GapQuery,
        response: { 200: z.array(GapView), ...FAULTS }
      }
    },
    async (request) => [...(await plant.gaps(request.query))]
  )

  app.get(
    ROUTES.events,
    {
      onRequest,
      schema: {
        tags: TAGS,
        summary: 'What devices did that bears on their security, latest first',
        querystring: EventQuery,
        response: { 200: EventPage, ...FAULTS }
      }
    },
    async (request) => plant.events(request.query)
  )

  app.get(
    ROUTES.rules,
    { onRequest, schema: { tags: TAGS, summary: 'What is judged, and by which figures', response: { 200: z.array(RuleView), ...FAULTS } } },
    async () => [...(await plant.rules())]
  )

  app.get(
    ROUTES.quarantine,
    {
      onRequest,
      schema: { tags: TAGS, summary: 'Messages that could not be read', response: { 200: z.array(QuarantineEntry), ...FAULTS } }
    },
    async () => [...(await plant.quarantine())]
  )
}
