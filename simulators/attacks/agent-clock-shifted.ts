// T0856 Spoof Reporting Message: the clock of the agent's machine is put off, so that all it reports bears a false time.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { eyesOf } from './eyes.ts'

const Parameters = z.strictObject({
  bySeconds: z.number().min(-86_400).max(86_400).default(-600).describe('How far it is put on, in seconds; below zero it is put back.')
})

export const agentClockShifted = {
  name: 'agent-clock-shifted',
  title: { zh: '代理时钟被篡改', en: 'Shifted clock of the agent' },
  technique: 'T0856',
  needs: ['eyes'],
  parameters: Parameters,
  async aim(foothold, { bySeconds }) {
    const eyes = eyesOf(foothold)
    return {
      ...{ tags: [], hosts: [eyes.agent], insistSeconds: 0 },
      strike: async () => eyes.shiftClock(Math.round(bySeconds * 1000)),
      undo: async () => eyes.shiftClock(0)
    }
  }
} satisfies Attack<typeof Parameters>
