// T0855 Unauthorized Command Message: a foreign Modbus client takes a pump out of automatic and switches it off with function 5.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { takeHold } from './hold.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  pump: z.enum(['lead', '1', '2']).default('lead').describe('The pump that is stopped: the one that leads, or one by number.'),
  insistSeconds: InsistSeconds
})

export const pumpStop = {
  name: 'pump-stop',
  title: { zh: '停泵', en: 'Stopped pump' },
  technique: 'T0855',
  plants: ['water', 'heat'],
  parameters: Parameters,
  async aim(foothold, { pump, insistSeconds }) {
    const hold = await takeHold(foothold)
    const number = pump === 'lead' ? (hold.before('pump.lead') === 2 ? '2' : '1') : pump
    const [auto, hand, running] = [`pump${number}.auto`, `pump${number}.hand`, `pump${number}.running`]
    hold.keep(auto, hand)
    return {
      // What stood still already stays as it is.
      ...{ tags: [auto, hand, running].filter((tag) => hold.before(tag) !== 0), hosts: [hold.host], insistSeconds },
      strike: () => hold.write({ [auto]: 0, [hand]: 0 }),
      undo: () => hold.putBack()
    }
  }
} satisfies Attack<typeof Parameters>
