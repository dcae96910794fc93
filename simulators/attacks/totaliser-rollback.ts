// T0856 Spoof Reporting Message: code inside the PLC turns the reported counter of a meter back, so that less is billed.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { Attack } from './attack.ts'
import { forgingAim } from './forgery.ts'
import { TargetTag } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<{ tag: string; by: number }> = {
  water: { tag: 'volume.total', by: 200 },
  heat: { tag: 'heat.energy', by: 5 },
  gas: { tag: 'station.total', by: 5000 }
}

const Parameters = z
  .strictObject({
    tag: TargetTag('measurement').optional().describe('The counter that is turned back; by default that of the plant.'),
    by: z.number().positive().optional().describe('By how much, in the unit of the tag; needed with a tag of your own.')
  })
  .refine(({ tag, by }) => tag === undefined || by !== undefined, {
    path: ['tag'],
    error: bilingual('须同时给出 by', 'needs by beside it')
  })

export const totaliserRollback = {
  name: 'totaliser-rollback',
  title: { zh: '累计量回拨', en: 'Totaliser turned back' },
  technique: 'T0856',
  plants: plantsOf(USUAL),
  parameters: Parameters,
  async aim(foothold, wanted) {
    const usual = usualIn(USUAL, foothold.map.plant)
    const { tag = usual.tag, by = usual.by } = wanted
    return forgingAim(foothold, { [tag]: (value) => Math.max(0, value - by) })
  }
} satisfies Attack<typeof Parameters>
