// The hold of a foreign Modbus client on some tags: what stood there when it came, and the way to write it and to put it back.
import { ModbusDesk } from '../plc/modbus-desk.ts'
import type { Foothold } from './attack.ts'

export interface Hold {
  readonly host: string
  /** What a tag showed when it came. */
  before(tag: string): number
  write(values: Readonly<Record<string, number>>): Promise<void>
}

export async function takeHold({ map, seconds, link: connect }: Pick<Foothold, 'map' | 'seconds' | 'link'>): Promise<Hold> {
  await using link = await connect()
  const desk = new ModbusDesk({ map, link })
  await desk.look(seconds)
  return {
    host: link.host,
    before: (tag) => desk.value(tag),
    async write(values) {
      await using own = await connect()
      await new ModbusDesk({ map, link: own }).write(values)
    }
  }
}

/** What stood in these tags, to be written back. */
export const remembered = (hold: Hold, tags: readonly string[]): Record<string, number> =>
  Object.fromEntries(tags.map((tag) => [tag, hold.before(tag)]))
