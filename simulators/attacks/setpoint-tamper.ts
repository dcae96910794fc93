// T0836 Modify Parameter: a foreign Modbus client writes a setpoint far outside its agreed band.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { PlantKind } from '../plants/plant.ts'
import type { Attack } from './attack.ts'
import { takeHold } from './hold.ts'
import { InsistSeconds } from './insist.ts'
import { TargetTag, TargetValue } from './target.ts'

const USUAL: Record<PlantKind, { tag: string; value: number }> = {
  water: { tag: 'chlorine.setpoint', value: 1.8 },
  heat: { tag: 'curve.shift', value: 12 },
  gas: { tag: 'outlet.pressure-setpoint', value: 5 }
}

const Parameters = z
  .strictObject({
    tag: TargetTag('setpoint').optional().describe('The setpoint that is changed; by default one that matters in the plant.'),
    value: TargetValue().optional().describe('The value that is written, in the unit of the tag; needed with a tag of your own.'),
    insistSeconds: InsistSeconds
  })
  .refine(({ tag, value }) => tag === undefined || value !== undefined, {
    path: ['tag'],
    error: bilingual('须同时给出 value', 'needs value beside it')
  })

export const setpointTamper = {
  name: 'setpoint-tamper',
  title: { zh: '设定值篡改', en: 'Tampered setpoint' },
  technique: 'T0836',
  parameters: Parameters,
  async aim(foothold, { tag, value, insistSeconds }) {
    const usual = USUAL[foothold.map.plant]
    const target = tag ?? usual.tag
    const hold = await takeHold(foothold)
    hold.keep(target)
    return {
      ...{ tags: [target], hosts: [hold.host], insistSeconds },
      strike: () => hold.write({ [target]: value ?? usual.value }),
      undo: () => hold.putBack()
    }
  }
} satisfies Attack<typeof Parameters>
