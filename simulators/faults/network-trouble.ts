// The line to the PLC fails or gets slow: whoever reads it gets no answers, or late ones. OPC UA gets slow on no line.
import { z } from 'zod'
import type { Fault } from './fault.ts'

const LossParameters = z.strictObject({})

export const commsLoss = {
  name: 'comms-loss',
  title: { zh: '通信中断', en: 'Communication lost' },
  parameters: LossParameters,
  async aim(breakage) {
    return {
      tags: [],
      strike: async () => breakage.network('comms-loss', { silent: true, delayMs: 0 }),
      undo: async () => breakage.network('comms-loss', null)
    }
  }
} satisfies Fault<typeof LossParameters>

const SlowParameters = z.strictObject({
  delayMs: z.int().min(1).max(10_000).default(400).describe('How much longer each reply takes, in milliseconds.')
})

export const slowLine = {
  name: 'slow-line',
  title: { zh: '链路变慢', en: 'Slow line' },
  parameters: SlowParameters,
  async aim(breakage, { delayMs }) {
    return {
      tags: [],
      strike: async () => breakage.network('slow-line', { silent: false, delayMs }),
      undo: async () => breakage.network('slow-line', null)
    }
  }
} satisfies Fault<typeof SlowParameters>
