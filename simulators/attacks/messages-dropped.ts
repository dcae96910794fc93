// T0804 Block Reporting Message: the broker loses a share of what our agent publishes.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { eyesOf } from './eyes.ts'

const Parameters = z.strictObject({
  share: z.number().gt(0).max(1).default(0.5).describe('Which share of the messages is lost, above 0 up to 1.')
})

export const messagesDropped = {
  name: 'messages-dropped',
  title: { zh: '报文被丢弃', en: 'Dropped messages' },
  technique: 'T0804',
  needs: ['eyes'],
  parameters: Parameters,
  async aim(foothold, { share }) {
    const eyes = eyesOf(foothold)
    return {
      ...{ tags: [], hosts: [eyes.agent], insistSeconds: 0 },
      strike: async () => eyes.loseMessages(share),
      undo: async () => eyes.loseMessages(0)
    }
  }
} satisfies Attack<typeof Parameters>
