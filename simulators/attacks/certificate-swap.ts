// T0849 Masquerading: where the OPC UA server answered, another one answers that looks the same and has a certificate of its own.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { opcuaOf } from './opcua-client.ts'

const Parameters = z.strictObject({})

export const certificateSwap = {
  name: 'certificate-swap',
  title: { zh: 'OPC UA 证书调换', en: 'Swapped OPC UA certificate' },
  technique: 'T0849',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold) {
    const target = opcuaOf(foothold)
    return {
      ...{ tags: [], hosts: [], insistSeconds: 0 },
      strike: () => target.swapCertificate(true),
      undo: () => target.swapCertificate(false)
    }
  }
} satisfies Attack<typeof Parameters>
