// T0836 Modify Parameter: a foreign Modbus client lowers the heating curve when it freezes, while the reports of supply and
// room are kept.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { Cover, CoverSeed } from './cover.ts'
import { coveredAim } from './covered-write.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  shift: z.number().min(-15).max(15).default(-15).describe('The parallel shift of the curve that is written, in degrees.'),
  cover: Cover,
  seed: CoverSeed,
  insistSeconds: InsistSeconds
})

export const heatingShift = {
  name: 'heating-shift',
  title: { zh: '供热曲线下移', en: 'Lowered heating curve' },
  technique: 'T0836',
  plants: ['heat'],
  parameters: Parameters,
  aim: (foothold, { shift, cover, seed, insistSeconds }) =>
    coveredAim(foothold, {
      ...{ write: { 'curve.shift': shift }, cover: cover ? ['supply.temperature', 'room.temperature'] : [] },
      ...{ seed, insistSeconds }
    })
} satisfies Attack<typeof Parameters>
