// T0846 Remote System Discovery: a foreign client asks one unit id after the other who is there.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { Attack } from './attack.ts'
import { EverySeconds, inBursts, PerStrike } from './burst.ts'
import { KeptLink } from './kept-link.ts'

const READ_ONE_REGISTER = Uint8Array.of(3, 0, 0, 0, 1)

const Parameters = z
  .strictObject({
    first: z.int().min(0).max(255).default(1).describe('The first unit id that is asked.'),
    last: z.int().min(0).max(255).default(247).describe('The last unit id that is asked.'),
    perStrike: PerStrike,
    everySeconds: EverySeconds
  })
  .refine(({ first, last }) => first <= last, { path: ['last'], error: bilingual('不得小于 first', 'must not lie before first') })

export const unitScan = {
  name: 'unit-scan',
  title: { zh: '单元号扫描', en: 'Scan of unit ids' },
  technique: 'T0846',
  parameters: Parameters,
  async aim(foothold, { first, last, perStrike, everySeconds }) {
    const link = await KeptLink.open(foothold)
    const units = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts(units, { perStrike, send: (unit) => link.request(READ_ONE_REGISTER, unit) }),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
