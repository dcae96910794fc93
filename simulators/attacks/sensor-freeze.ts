// T0856 Spoof Reporting Message: code inside the PLC goes on reporting the present value of a tag while the plant moves on.
import { z } from 'zod'
import type { PlantKind } from '../plants/plant.ts'
import type { Attack } from './attack.ts'
import { TargetTag } from './target.ts'

const USUAL: Record<PlantKind, string> = { water: 'tower.level', heat: 'secondary.supply-temperature', gas: 'outlet.pressure' }

const Parameters = z.strictObject({
  tag: TargetTag('measurement').optional().describe('The measurement whose report is held; by default one that matters in the plant.')
})

export const sensorFreeze = {
  name: 'sensor-freeze',
  title: { zh: '测量值冻结', en: 'Frozen sensor' },
  technique: 'T0856',
  parameters: Parameters,
  async aim(foothold, { tag = USUAL[foothold.map.plant] }) {
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
