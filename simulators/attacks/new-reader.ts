// T0801 Monitor Process State: a host that never did so reads all that the PLC shows, in a steady rhythm.
import { z } from 'zod'
import { ModbusDesk } from '../plc/modbus-desk.ts'
import type { Attack } from './attack.ts'
import { EverySeconds } from './burst.ts'
import { answered, KeptLink } from './kept-link.ts'

const Parameters = z.strictObject({ everySeconds: EverySeconds })

export const newReader = {
  name: 'new-reader',
  title: { zh: '陌生主机轮询', en: 'Reads by an unknown host' },
  technique: 'T0801',
  parameters: Parameters,
  async aim(foothold, { everySeconds }) {
    const link = await KeptLink.open(foothold)
    const desk = new ModbusDesk({ map: foothold.map, link })
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: async () => void (await answered(() => desk.look(foothold.seconds))),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
