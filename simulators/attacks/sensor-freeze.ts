// T0856 Spoof Reporting Message: code inside the PLC goes on reporting the present value of a tag while the plant moves on.
import { z } from 'zod'
import { MEASUREMENTS, type Measurement } from '../plc/water-registers.ts'
import type { Attack } from './attack.ts'

// The compiler takes the keys of an object for any string.
const TAGS = Object.keys(MEASUREMENTS) as Measurement[]

const Parameters = z.strictObject({
  tag: z.enum(TAGS).default('tower.level').describe('The measurement whose report is held.')
})

export const sensorFreeze = {
  name: 'sensor-freeze',
  technique: 'T0856',
  parameters: Parameters,
  async aim(foothold, { tag }) {
    return { tags: [tag], hosts: [], insistSeconds: 0, strike: async () => foothold.hold(tag), undo: async () => foothold.release(tag) }
  }
} satisfies Attack<typeof Parameters>
