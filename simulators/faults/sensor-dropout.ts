// A transmitter loses its loop: the card reads below 4 mA, which shows as the low end of the range.
import { z } from 'zod'
import { TargetTag } from '../attacks/target.ts'
import { tagNamed } from '../plc/tag-map.ts'
import type { Fault } from './fault.ts'

const Parameters = z.strictObject({ tag: TargetTag('measurement').describe('The measurement that drops out.') })

export const sensorDropout = {
  name: 'sensor-dropout',
  title: { zh: '传感器断线', en: 'Sensor dropout' },
  parameters: Parameters,
  async aim(breakage, { tag }) {
    const low = tagNamed(breakage.map, tag).range?.low ?? 0
    let release = () => {}
    return {
      tags: [tag],
      async strike() {
        release = breakage.falsify(tag, () => low)
      },
      undo: async () => release()
    }
  }
} satisfies Fault<typeof Parameters>
