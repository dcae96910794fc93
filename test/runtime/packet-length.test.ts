// The watch over packet lengths.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { watchLengths } from '#runtime/packet-length.ts'

test('lengths are found however the bytes are cut', () => {
  const packet = fc.tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 16_380, max: 16_390 }))
  )
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (packets, cuts) => {
      const bytes = Buffer.concat(
        packets.map(([head, length]) => Buffer.concat([Buffer.of(head, ...encoded(length)), Buffer.alloc(length, 0xff)]))
      )
      const found: number[] = []
      const watch = watchLengths({ maxBytes: () => 250, tooLong: (length) => found.push(length) })
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = cuts[turn % cuts.length] ?? 1
        watch(bytes.subarray(at, at + size))
        at += size
      }
      expect(found).toEqual(packets.map(([, length]) => length).filter((length) => length > 250))
    })
  )
})

function encoded(length: number): number[] {
  const bytes: number[] = []
  do {
    bytes.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0))
    length >>= 7
  } while (length > 0)
  return bytes
}
