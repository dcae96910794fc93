// An instrument ages: its reading creeps away from the truth, or gets noisier, with nobody's help.
import { z } from 'zod'
import { spanOf } from '../attacks/forgery.ts'
import { RangedTag } from '../attacks/target.ts'
import type { Fault } from './fault.ts'

const Parameters = z.strictObject({
  tag: RangedTag('measurement').describe('The measurement of the ageing instrument; it needs a range.'),
  percentPerDay: z.number().min(-100).max(100).default(1).describe('How far the reading creeps in a day, in percent of the range.'),
  noisePercent: z.number().min(0).max(100).default(0).describe('Noise that is added, as a standard deviation in percent of the range.')
})

export const sensorDrift = {
  name: 'sensor-drift',
  title: { zh: '传感器漂移', en: 'Sensor drift' },
  parameters: Parameters,
  async aim(breakage, { tag, percentPerDay, noisePercent }) {
    const percent = spanOf(breakage.map, tag) / 100
    let release = () => {}
    return {
      tags: [tag],
      async strike() {
        const start = breakage.seconds
        release = breakage.falsify(tag, (value, seconds) => {
          // The sum of twelve even chances is nearly normal, with variance 1.
          let chance = -6
          if (noisePercent > 0) for (let i = 0; i < 12; i++) chance += breakage.chance()
          else chance = 0
          return value + percent * ((percentPerDay * (seconds - start)) / 86_400 + noisePercent * chance)
        })
      },
      undo: async () => release()
    }
  }
} satisfies Fault<typeof Parameters>
