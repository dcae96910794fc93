// T0856 Spoof Reporting Message: code inside the PLC adds noise to a report, so that nobody can see what goes on beneath.
import { z } from 'zod'
import { Noise } from '../plants/noise.ts'
import type { Attack } from './attack.ts'
import { forgingAim, spanOf } from './forgery.ts'
import { RangedTag } from './target.ts'
import { plantsOf, USUAL_MEASUREMENT, usualIn } from './usual.ts'

const Parameters = z.strictObject({
  tag: RangedTag('measurement')
    .optional()
    .describe('The measurement with a range whose report is made noisy; by default one that matters in the plant.'),
  percent: z.number().min(0).max(100).default(2).describe('The standard deviation of the noise, in percent of the range of the tag.'),
  seed: z.int().min(0).max(0x7fff_ffff).default(1).describe('The seed of the noise.')
})

export const reportNoise = {
  name: 'report-noise',
  title: { zh: '伪造噪声', en: 'Forged noise' },
  technique: 'T0856',
  plants: plantsOf(USUAL_MEASUREMENT),
  parameters: Parameters,
  async aim(foothold, { tag: named, percent, seed }) {
    const tag = named ?? usualIn(USUAL_MEASUREMENT, foothold.map.plant)
    const deviation = (spanOf(foothold.map, tag) * percent) / 100
    const noise = new Noise(seed, 'report-noise')
    return forgingAim(foothold, { [tag]: (value) => value + deviation * noise.normal() })
  }
} satisfies Attack<typeof Parameters>
