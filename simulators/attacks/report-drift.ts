// T0856 Spoof Reporting Message: code inside the PLC lets the report of a measurement creep away from the truth.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { forgingAim, spanOf } from './forgery.ts'
import { RangedTag } from './target.ts'
import { plantsOf, USUAL_MEASUREMENT, usualIn } from './usual.ts'

const Parameters = z.strictObject({
  tag: RangedTag('measurement')
    .optional()
    .describe('The measurement with a range whose report creeps; by default one that matters in the plant.'),
  percentPerHour: z.number().min(-1000).max(1000).default(-5).describe('How far it creeps in an hour, in percent of the range of the tag.'),
  mostPercent: z.number().min(0).max(100).default(20).describe('Where it stops creeping, in percent of the range of the tag.')
})

export const reportDrift = {
  name: 'report-drift',
  title: { zh: '伪造漂移', en: 'Forged drift' },
  technique: 'T0856',
  plants: plantsOf(USUAL_MEASUREMENT),
  parameters: Parameters,
  async aim(foothold, { tag: named, percentPerHour, mostPercent }) {
    const tag = named ?? usualIn(USUAL_MEASUREMENT, foothold.map.plant)
    const percent = spanOf(foothold.map, tag) / 100
    let start: number | undefined
    return forgingAim(foothold, {
      [tag](value, seconds) {
        start ??= seconds
        const crept = (percentPerHour * (seconds - start)) / 3600
        return value + percent * Math.min(mostPercent, Math.max(-mostPercent, crept))
      }
    })
  }
} satisfies Attack<typeof Parameters>
