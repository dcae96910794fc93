// T0888 Remote System Information Discovery: a foreign client tries one function code after the other. It sends the code alone,
// which tells whether the PLC knows it and can change nothing.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { EverySeconds, inBursts, PerStrike } from './burst.ts'
import { KeptLink } from './kept-link.ts'

// Modbus Application Protocol 1.1b3, 4.1: 1 to 127; the rest are exceptions.
const CODES = Array.from({ length: 127 }, (_, i) => i + 1)

const Parameters = z.strictObject({ perStrike: PerStrike, everySeconds: EverySeconds })

export const functionScan = {
  name: 'function-scan',
  title: { zh: '功能码扫描', en: 'Scan of function codes' },
  technique: 'T0888',
  parameters: Parameters,
  async aim(foothold, { perStrike, everySeconds }) {
    const link = await KeptLink.open(foothold)
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts(CODES, { perStrike, send: (code) => link.request(Uint8Array.of(code)) }),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
