// T0856 Spoof Reporting Message: code inside the PLC goes on reporting the present value of a tag while the plant moves on.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { TargetTag } from './target.ts'
import { plantsOf, USUAL_MEASUREMENT, usualIn } from './usual.ts'

const Parameters = z.strictObject({
  tag: TargetTag('measurement').optional().describe('The measurement whose report is held; by default one that matters in the plant.')
})

export const sensorFreeze = {
  name: 'sensor-freeze',
  title: { zh: '测量值冻结', en: 'Frozen sensor' },
  technique: 'T0856',
  plants: plantsOf(USUAL_MEASUREMENT),
  parameters: Parameters,
  async aim(foothold, { tag = usualIn(USUAL_MEASUREMENT, foothold.map.plant) }) {
    let release = () => {}
    return {
      ...{ tags: [tag], hosts: [], insistSeconds: 0 },
      async strike() {
        let held: number | null = null
        release = foothold.falsify(tag, (value) => {
          held ??= value
          return held
        })
      },
      undo: async () => release()
    }
  }
} satisfies Attack<typeof Parameters>
