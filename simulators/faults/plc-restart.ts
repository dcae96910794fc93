// The PLC loses its supply and starts again: it is silent, its outputs let go, and after that it stands as after a cold start.
import { z } from 'zod'
import type { Fault } from './fault.ts'

const Parameters = z.strictObject({})

export const plcRestart = {
  name: 'plc-restart',
  title: { zh: 'PLC 断电重启', en: 'PLC restarts' },
  parameters: Parameters,
  async aim({ plc, network }) {
    return {
      tags: [],
      async strike() {
        network('plc-restart', { silent: true, delayMs: 0 })
        plc.powerOff()
      },
      async undo() {
        plc.powerOn()
        network('plc-restart', null)
      }
    }
  }
} satisfies Fault<typeof Parameters>
