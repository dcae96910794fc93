// T0856 Spoof Reporting Message: code inside the PLC reports a measurement shifted by a fixed amount.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { forgingAim, spanOf } from './forgery.ts'
import { RangedTag } from './target.ts'
import { plantsOf, USUAL_MEASUREMENT, usualIn } from './usual.ts'

const Parameters = z.strictObject({
  tag: RangedTag('measurement')
    .optional()
    .describe('The measurement with a range whose report is shifted; by default one that matters in the plant.'),
  percent: z.number().min(-100).max(100).default(-8).describe('By how much it is shifted, in percent of the range of the tag.')
})

export const sensorBias = {
  name: 'sensor-bias',
  title: { zh: '测量值偏移', en: 'Biased sensor' },
  technique: 'T0856',
  plants: plantsOf(USUAL_MEASUREMENT),
  parameters: Parameters,
  async aim(foothold, { tag: named, percent }) {
    const tag = named ?? usualIn(USUAL_MEASUREMENT, foothold.map.plant)
    const shift = (spanOf(foothold.map, tag) * percent) / 100
    return forgingAim(foothold, { [tag]: (value) => value + shift })
  }
} satisfies Attack<typeof Parameters>
