// Alerts: the list, one with its evidence, and what people do with it.
import { z } from 'zod'
import { AlertDetail, AlertId } from '#contract/alert.ts'
import { AlertActionRequest, AlertPage, AlertQuery, ROUTES } from '#contract/api.ts'
import type { Alerts } from '../alerts/alerts.ts'
import { Refused } from '../refused.ts'
import { FAULTS, type Routes } from './app.ts'
import type { Live } from './live.ts'
import type { Plant } from './plant.ts'

const TAGS = ['alerts']
const Params = z.strictObject({ id: AlertId })

export function alertRoutes({ app, guard, alerts, live, plant }: Routes & { alerts: Alerts; live: Live; plant: Plant }): void {
  app.get(
    ROUTES.alerts,
    {
      onRequest: guard.permit('read-alerts'),
      schema: { tags: TAGS, summary: 'Alerts, latest first', querystring: AlertQuery, response: { 200: AlertPage, ...FAULTS } }
    },
    async (request) => alerts.find(request.query)
  )

  app.get(
    `${ROUTES.alerts}/:id`,
    {
      onRequest: guard.permit('read-alerts'),
      schema: {
        tags: TAGS,
        summary: 'One alert with evidence, advice and history',
        params: Params,
        response: { 200: AlertDetail, ...FAULTS }
      }
    },
    async (request) => {
      const detail = alerts.detail(request.params.id)
      if (detail === undefined) throw new Refused('ALERT_UNKNOWN')
      return detail
    }
  )

  app.post(
    `${ROUTES.alerts}/:id/actions`,
    {
      onRequest: guard.permit('act-on-alerts'),
      schema: {
        tags: TAGS,
        summary: 'Acknowledge, investigate, resolve, close, reopen or comment on the version that was looked at',
        params: Params,
        body: AlertActionRequest,
        response: { 200: AlertDetail, ...FAULTS }
      }
    },
    async (request) => {
      const detail = alerts.act({ id: request.params.id, request: request.body, account: guard.whoOf(request).account.name })
      live.publish({ event: 'alert', data: detail.alert })
      // The open alerts of the site are fewer or more now.
      const site = (await plant.overview()).sites.find((one) => one.site.id === detail.alert.site)
      if (site !== undefined) live.publish({ event: 'site', data: site })
      return detail
    }
  )
}
