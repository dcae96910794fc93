// The keys that agents sign with: everybody may compare them, a security operator accepts a new one.
import { z } from 'zod'
import { AgentKeyView, KeyAcceptance } from '#contract/agent-key.ts'
import { ROUTES } from '#contract/api.ts'
import { Id } from '#contract/site.ts'
import type { AgentKeys } from '../agent-keys.ts'
import { FAULTS, type Routes } from './app.ts'

const TAGS = ['agent keys']
const Params = z.strictObject({ site: Id, agent: Id })

export function agentKeyRoutes({ app, guard, agentKeys }: Routes & { agentKeys: Pick<AgentKeys, 'views' | 'accept'> }): void {
  app.get(
    ROUTES.agentKeys,
    {
      onRequest: guard.permit('read-plant'),
      schema: { tags: TAGS, summary: 'The key of each agent, and any other it shows', response: { 200: z.array(AgentKeyView), ...FAULTS } }
    },
    async () => agentKeys.views()
  )

  app.post(
    `${ROUTES.agentKeys}/:site/:agent/accept`,
    {
      onRequest: guard.permit('accept-agent-keys'),
      schema: {
        tags: TAGS,
        summary: 'Take the key that an agent shows instead of the one trusted so far',
        params: Params,
        body: KeyAcceptance,
        response: { 200: AgentKeyView, ...FAULTS }
      }
    },
    async (request) => agentKeys.accept({ ...request.params, key: request.body.key, account: guard.whoOf(request).account.name })
  )
}
