// One tag over a span, down-sampled, with the gaps in it.
import { ROUTES, SamplesQuery, Trend } from '#contract/api.ts'
import { Refused } from '../refused.ts'
import type { TelemetryStore } from '../store/telemetry.ts'
import { FAULTS, type Routes } from './app.ts'
import type { Plant } from './plant.ts'

export function samplesRoutes({ app, guard, plant, store }: Routes & { plant: Plant; store: Pick<TelemetryStore, 'range'> }): void {
  app.get(
    ROUTES.samples,
    {
      onRequest: guard.permit('read-plant'),
      schema: { tags: ['plant'], summary: 'One tag over a span of time', querystring: SamplesQuery, response: { 200: Trend, ...FAULTS } }
    },
    async (request, reply) => {
      const { site, agent, tag, view, from, to, buckets } = request.query
      if (from >= to)
        throw new Refused('REQUEST_INVALID', { faults: [{ path: 'to', text: { zh: '须晚于 from', en: 'must be after from' } }] })
      const series = plant.seriesOf({ site, agent, tag, view })
      if (series === undefined) throw new Refused('SERIES_UNKNOWN')
      const columns = await store.range({ series, from, to, buckets })
      const gaps = await plant.gaps({ site, agent, device: plant.deviceOf({ site, agent, tag }), from, to })
      const trend: Trend = { from, to, ...columns, gaps: gaps.map(placeGap) }
      // Long columns go out as they are: checking each number against the schema costs more than reading them.
      return reply.type('application/json; charset=utf-8').serializer(JSON.stringify).send(trend)
    }
  )
}

type GapView = Awaited<ReturnType<Plant['gaps']>>[number]

// A gap whose ends nobody knows is shown where it was noted: shown a little wrong is better than not shown.
function placeGap({ from, to, reason, notedAt }: GapView): Trend['gaps'][number] {
  return { from: from ?? to ?? notedAt, to: to ?? from ?? notedAt, reason }
}
