// T0888 Remote System Information Discovery: a foreign client asks the PLC for maker, model and firmware.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { inBursts } from './burst.ts'
import { KeptLink } from './kept-link.ts'

// Modbus Application Protocol 1.1b3, 6.21 (basic, regular and extended objects) and 6.13.
const PROBES = [Uint8Array.of(43, 14, 1, 0), Uint8Array.of(43, 14, 2, 0), Uint8Array.of(43, 14, 3, 0), Uint8Array.of(17)]

const Parameters = z.strictObject({
  everySeconds: z.number().min(0).max(3600).default(60).describe('After how many seconds it asks again; 0 asks once.')
})

export const identityProbe = {
  name: 'identity-probe',
  title: { zh: '设备身份探测', en: 'Probe of the device identity' },
  technique: 'T0888',
  parameters: Parameters,
  async aim(foothold, { everySeconds }) {
    const link = await KeptLink.open(foothold)
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts(PROBES, { perStrike: PROBES.length, send: (pdu) => link.request(pdu) }),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
