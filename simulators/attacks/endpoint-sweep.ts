// T0846 Remote System Discovery: a foreign client asks the OPC UA server for its endpoints and for the servers that it knows.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { OPCUA_HOSTS, opcuaAttacker } from './opcua-client.ts'

const Parameters = z.strictObject({
  times: z.int().min(1).max(20).default(3).describe('How many times it asks at each strike.'),
  everySeconds: z.number().min(0).max(3600).default(30).describe('After how many seconds it asks again; 0 strikes once.')
})

export const endpointSweep = {
  name: 'endpoint-sweep',
  title: { zh: 'OPC UA 端点探测', en: 'Sweep of OPC UA endpoints' },
  technique: 'T0846',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold, { times, everySeconds }) {
    const attacker = await opcuaAttacker(foothold)
    return {
      ...{ tags: [], hosts: OPCUA_HOSTS, insistSeconds: everySeconds },
      async strike() {
        for (let asked = 0; asked < times; asked++) await attacker.discover()
      },
      undo: () => attacker[Symbol.asyncDispose]()
    }
  }
} satisfies Attack<typeof Parameters>
