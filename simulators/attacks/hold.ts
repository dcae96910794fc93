// The hold of a foreign Modbus client on some tags: what stood there when it came, and the way to write it and to put it back.
import { ModbusDesk } from '../plc/modbus-desk.ts'
import type { Foothold } from './attack.ts'

export interface Hold {
  readonly host: string
  /** What a tag showed when it came. */
  before(tag: string): number
  /** These are to be put back when it is over. */
  keep(...tags: string[]): void
  write(values: Readonly<Record<string, number>>): Promise<void>
  /** Puts back what was kept, but for tags that another attack still has in hand: the last of them does it. */
  putBack(): Promise<void>
}

type Ground = Pick<Foothold, 'map' | 'seconds' | 'link'>

// What stood in a tag before the first of those came who have it in hand now.
const FOUND = new WeakMap<Ground, Map<string, { value: number; holders: Set<object> }>>()

export async function takeHold(ground: Ground): Promise<Hold> {
  const { map, seconds, link: connect } = ground
  await using link = await connect()
  const desk = new ModbusDesk({ map, link })
  await desk.look(seconds)
  const found = FOUND.get(ground) ?? new Map()
  FOUND.set(ground, found)
  const self = {}
  const write = async (values: Readonly<Record<string, number>>) => {
    await using own = await connect()
    await new ModbusDesk({ map, link: own }).write(values)
  }
  return {
    host: link.host,
    write,
    before: (tag) => desk.value(tag),
    keep(...tags) {
      for (const tag of tags) {
        const one = found.get(tag) ?? { value: desk.value(tag), holders: new Set() }
        one.holders.add(self)
        found.set(tag, one)
      }
    },
    async putBack() {
      const own = [...found].filter(([, { holders }]) => holders.has(self))
      const last = own.filter(([, { holders }]) => holders.size === 1)
      if (last.length > 0) await write(Object.fromEntries(last.map(([tag, { value }]) => [tag, value])))
      for (const [, { holders }] of own) holders.delete(self)
      for (const [tag] of last) found.delete(tag)
    }
  }
}
