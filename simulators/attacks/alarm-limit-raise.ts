// T0838 Modify Alarm Settings: a foreign Modbus client moves an alarm limit to where the alarm never comes.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { Attack } from './attack.ts'
import { takeHold } from './hold.ts'
import { InsistSeconds } from './insist.ts'
import { TargetTag, TargetValue } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<{ tag: string; value: number }> = {
  water: { tag: 'tower.high-limit', value: 6 },
  heat: { tag: 'supply.high-limit', value: 110 },
  gas: { tag: 'outlet.high-limit', value: 6 }
}

const Parameters = z
  .strictObject({
    tag: TargetTag('setpoint').optional().describe('The alarm limit that is moved; by default one that matters in the plant.'),
    value: TargetValue().optional().describe('The limit that is written, in the unit of the tag; needed with a tag of your own.'),
    insistSeconds: InsistSeconds
  })
  .refine(({ tag, value }) => tag === undefined || value !== undefined, {
    path: ['tag'],
    error: bilingual('须同时给出 value', 'needs value beside it')
  })

export const alarmLimitRaise = {
  name: 'alarm-limit-raise',
  title: { zh: '报警限值篡改', en: 'Raised alarm limit' },
  technique: 'T0838',
  plants: plantsOf(USUAL),
  parameters: Parameters,
  async aim(foothold, { insistSeconds, ...wanted }) {
    const usual = usualIn(USUAL, foothold.map.plant)
    const { tag = usual.tag, value = usual.value } = wanted
    const hold = await takeHold(foothold)
    hold.keep(tag)
    return {
      ...{ tags: [tag], hosts: [hold.host], insistSeconds },
      strike: () => hold.write({ [tag]: value }),
      undo: () => hold.putBack()
    }
  }
} satisfies Attack<typeof Parameters>
