// T0856 Spoof Reporting Message: code inside the PLC reports a measurement multiplied by a factor.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { forgingAim } from './forgery.ts'
import { TargetTag } from './target.ts'
import { plantsOf, USUAL_MEASUREMENT, usualIn } from './usual.ts'

const Parameters = z.strictObject({
  tag: TargetTag('measurement').optional().describe('The measurement whose report is scaled; by default one that matters in the plant.'),
  factor: z.number().min(0).max(100).default(0.8).describe('What the reading is multiplied by.')
})

export const reportScaling = {
  name: 'report-scaling',
  title: { zh: '测量值缩放', en: 'Scaled reading' },
  technique: 'T0856',
  plants: plantsOf(USUAL_MEASUREMENT),
  parameters: Parameters,
  async aim(foothold, { tag: named, factor }) {
    const tag = named ?? usualIn(USUAL_MEASUREMENT, foothold.map.plant)
    return forgingAim(foothold, { [tag]: (value) => value * factor })
  }
} satisfies Attack<typeof Parameters>
