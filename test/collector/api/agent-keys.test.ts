// The route by which a person takes another key of an agent: for the security operator only, and kept in the audit trail.
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { AgentKeyView } from '#contract/agent-key.ts'
import type { Birth } from '#contract/agent-status.ts'
import { publicKeyText } from '#contract/signature.ts'
import { type Centre, codeOf, startCentre } from './centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.stop())

it('shows the key that is offered and lets a security operator alone accept it', async () => {
  const [first, second] = [0, 1].map(() => publicKeyText(generateKeyPairSync('ed25519').privateKey))
  const birth = (key: string | undefined) => ({ site: 'east-water', agent: 'edge-1', key }) as Birth
  centre.agentKeys.hearBirth(birth(first))
  centre.agentKeys.hearBirth(birth(second))
  const path = '/api/agent-keys'
  const [guard, chief] = [await centre.signIn('guard'), await centre.signIn('chief')]
  const listed = z.array(AgentKeyView).parse(await (await centre.request(path, { cookie: chief })).json())
  expect(listed).toMatchObject([{ state: 'contested', key: first, offered: { key: second } }])
  const accept = (cookie: string, key: string | undefined) =>
    centre.request(`${path}/east-water/edge-1/accept`, { method: 'POST', cookie, body: { key } })
  expect((await accept(chief, second)).status).toBe(403)
  expect(await codeOf(await accept(guard, first))).toBe('KEY_NOT_OFFERED')
  expect(AgentKeyView.parse(await (await accept(guard, second)).json())).toMatchObject({ state: 'trusted', key: second, by: 'guard' })
  expect(centre.audit.page({ limit: 10 }).entries).toContainEqual(
    expect.objectContaining({
      action: 'agent-key.accepted',
      account: 'guard',
      subject: 'east-water/edge-1',
      detail: { key: second, before: first }
    })
  )
})
