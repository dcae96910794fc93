// T0881 Service Stop: somebody on the machine of our agent stops it.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { eyesOf } from './eyes.ts'

const Parameters = z.strictObject({})

export const agentStopped = {
  name: 'agent-stopped',
  title: { zh: '采集代理被停止', en: 'Stopped agent' },
  technique: 'T0881',
  needs: ['eyes'],
  parameters: Parameters,
  async aim(foothold) {
    const eyes = eyesOf(foothold)
    return {
      ...{ tags: [], hosts: [eyes.agent], insistSeconds: 0 },
      strike: () => eyes.stopAgent(),
      undo: () => eyes.startAgent()
    }
  }
} satisfies Attack<typeof Parameters>
