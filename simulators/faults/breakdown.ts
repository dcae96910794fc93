// Something of the plant breaks: a pump trips, a main leaks, the power fails. Which troubles there are, each plant says itself.
import { z } from 'zod'
import type { Fault } from './fault.ts'
import { troubleOf } from './troubles.ts'

const Parameters = z.strictObject({
  what: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/)
    .describe('The trouble, for example pump1-trip or leak; an unknown one is answered with the list of the plant.'),
  amount: z
    .number()
    .optional()
    .describe('How much of it, in the unit that the plant counts it in and up to its most; by default what is usual.')
})

export const breakdown = {
  name: 'breakdown',
  title: { zh: '设备故障', en: 'Breakdown' },
  parameters: Parameters,
  async aim({ map, troubles }, { what, amount }) {
    const usual = troubleOf(map.plant, what)?.usual
    if (usual === undefined || !Object.hasOwn(troubles, what))
      throw new RangeError(`the plant has no trouble ${what}; it has ${Object.keys(troubles).join(', ')}`)
    const before = troubles[what] ?? 0
    const set = async (value: number) => {
      troubles[what] = value
    }
    return { name: what, tags: [], strike: () => set(amount ?? usual), undo: () => set(before) }
  }
} satisfies Fault<typeof Parameters>
