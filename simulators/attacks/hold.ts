// The hold of a foreign Modbus client on some tags: what stood there when it came, and the way to write it and to put it back.
import { ModbusDesk } from '../plc/modbus-desk.ts'
import { LinkFault, type ModbusLink } from '../plc/modbus-link.ts'
import type { Foothold } from './attack.ts'

export interface Hold {
  readonly host: string
  /** What a tag showed when it came. */
  before(tag: string): number
  /** These are to be put back when it is over. */
  keep(...tags: string[]): void
  write(values: Readonly<Record<string, number>>): Promise<void>
  /** Puts back what ought to stand there, but for tags that another attack still has in hand: the last of them does it. */
  putBack(): Promise<void>
}

type Ground = Pick<Foothold, 'map' | 'seconds' | 'link' | 'pause' | 'rightful'>

// On a PLC that takes few clients the next one pushes this one out.
const MOST_CONNECTIONS = 3
const MOST_REPEATS = 20
const DEVICE_BUSY = 6

export async function takeHold(ground: Ground): Promise<Hold> {
  const { map, seconds, rightful } = ground
  const { desk, host } = await overLink(ground, async (link) => {
    const own = new ModbusDesk({ map, link })
    await own.look(seconds)
    return { desk: own, host: link.host }
  })
  const self = {}
  return {
    host,
    write: (values) => writeTags(ground, values),
    before: (tag) => desk.value(tag),
    keep: (...tags) => rightful.hold(self, Object.fromEntries(tags.map((tag) => [tag, desk.value(tag)]))),
    putBack: () => putBack(ground, self)
  }
}

/** Puts back what ought to stand in what the holder has in hand, but for tags that another still holds: the last of them does it. */
export async function putBack(ground: Ground, holder: object): Promise<void> {
  const owed = ground.rightful.owedBy(holder)
  if (Object.keys(owed).length > 0) await writeTags(ground, owed)
  ground.rightful.release(holder)
}

function writeTags(ground: Ground, values: Readonly<Record<string, number>>): Promise<void> {
  return overLink(ground, (link) => new ModbusDesk({ map: ground.map, link }).write(values))
}

async function overLink<T>({ link: connect, pause }: Ground, act: (link: ModbusLink) => Promise<T>): Promise<T> {
  for (let connections = 1; ; connections++) {
    try {
      await using link = await connect()
      return await act(pause === undefined ? link : patient(link, pause))
    } catch (fault) {
      if (!(fault instanceof LinkFault && fault.code === 'LINK_AWAY') || connections === MOST_CONNECTIONS) throw fault
    }
  }
}

// What a PLC is too busy for, it is asked again.
function patient(link: ModbusLink, pause: () => Promise<void>): ModbusLink {
  return {
    host: link.host,
    async request(pdu, unit) {
      for (let repeats = 0; ; repeats++) {
        const reply = await link.request(pdu, unit)
        if (((reply[0] ?? 0) & 0x80) === 0 || reply[1] !== DEVICE_BUSY || repeats === MOST_REPEATS) return reply
        await pause()
      }
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]()
  }
}
