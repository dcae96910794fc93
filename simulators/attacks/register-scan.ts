// T0861 Point & Tag Identification: a foreign client reads all addresses of all tables to find out which exist.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { Attack } from './attack.ts'
import { EverySeconds, inBursts, PerStrike, wordBytes } from './burst.ts'
import { KeptLink } from './kept-link.ts'

const READ_CODES = [1, 2, 3, 4]

const Parameters = z
  .strictObject({
    first: z.int().min(0).max(65_535).default(0).describe('The first address that is read.'),
    last: z.int().min(0).max(65_535).default(999).describe('The last address that is read.'),
    length: z.int().min(1).max(125).default(10).describe('How many addresses are read at once.'),
    perStrike: PerStrike,
    everySeconds: EverySeconds
  })
  .refine(({ first, last }) => first <= last, { path: ['last'], error: bilingual('不得小于 first', 'must not lie before first') })

export const registerScan = {
  name: 'register-scan',
  title: { zh: '寄存器扫描', en: 'Scan of registers' },
  technique: 'T0861',
  parameters: Parameters,
  async aim(foothold, { first, last, length, perStrike, everySeconds }) {
    const link = await KeptLink.open(foothold)
    const starts = Array.from({ length: Math.ceil((last - first + 1) / length) }, (_, i) => first + i * length)
    const requests = READ_CODES.flatMap((code) =>
      starts.map((start) => Uint8Array.of(code, ...wordBytes(start), ...wordBytes(Math.min(length, last - start + 1))))
    )
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts(requests, { perStrike, send: (pdu) => link.request(pdu) }),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
