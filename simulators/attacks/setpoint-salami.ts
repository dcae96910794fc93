// T0836 Modify Parameter: a foreign Modbus client moves a setpoint in slices, each too small for any limit on its rate.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { Attack } from './attack.ts'
import { takeHold } from './hold.ts'
import { TargetTag, TargetValue } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<{ tag: string; to: number; slice: number }> = {
  water: { tag: 'chlorine.setpoint', to: 1.5, slice: 0.02 },
  heat: { tag: 'curve.shift', to: 12, slice: 0.3 },
  gas: { tag: 'outlet.pressure-setpoint', to: 5, slice: 0.02 }
}

const Parameters = z
  .strictObject({
    tag: TargetTag('setpoint').optional().describe('The setpoint that is moved; by default one that matters in the plant.'),
    to: TargetValue().optional().describe('Where it ends, in the unit of the tag; needed with a tag of your own.'),
    slice: z.number().positive().optional().describe('How far it moves at a time, in the unit of the tag; needed with a tag of your own.'),
    everySeconds: z.number().min(1).max(3600).default(60).describe('After how many seconds the next slice comes.')
  })
  .refine(({ tag, to, slice }) => tag === undefined || (to !== undefined && slice !== undefined), {
    path: ['tag'],
    error: bilingual('须同时给出 to 与 slice', 'needs to and slice beside it')
  })

export const setpointSalami = {
  name: 'setpoint-salami',
  title: { zh: '设定值蚕食', en: 'Setpoint in slices' },
  technique: 'T0836',
  plants: plantsOf(USUAL),
  parameters: Parameters,
  async aim(foothold, { everySeconds, ...wanted }) {
    const usual = usualIn(USUAL, foothold.map.plant)
    const { tag = usual.tag, to = usual.to, slice = usual.slice } = wanted
    const hold = await takeHold(foothold)
    const before = hold.before(tag)
    hold.keep(tag)
    const slices = Math.ceil(Math.abs(to - before) / slice)
    let cut = 0
    return {
      ...{ tags: [tag], hosts: [hold.host], insistSeconds: everySeconds },
      async strike() {
        cut = Math.min(slices, cut + 1)
        await hold.write({ [tag]: cut === slices ? to : before + Math.sign(to - before) * slice * cut })
      },
      undo: () => hold.putBack()
    }
  }
} satisfies Attack<typeof Parameters>
