// MQTT packets out of a stream of bytes: the same packets however the bytes arrive, and no bytes that do any harm.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PacketSplitter, pubackOf, publishOf, publishPacket } from '../../range/mqtt-packets.ts'

const packets = fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.uint8Array({ maxLength: 400 }).map(Buffer.from)), {
  minLength: 1,
  maxLength: 12
})

describe('the packets of a stream', () => {
  it('are the same for any chunking', () => {
    fc.assert(
      fc.property(packets, fc.array(fc.nat(), { maxLength: 40 }), (sent, cuts) => {
        const written = sent.map(([topic, payload]) => publishPacket(topic, payload))
        const stream = Buffer.concat(written)
        const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
        const splitter = new PacketSplitter()
        const found = places.slice(1).flatMap((end, i) => splitter.take(stream.subarray(places[i], end)))
        expect(found).toEqual(written)
        expect(found.map(publishOf)).toEqual(sent.map(([topic, payload]) => ({ topic, payload, id: null })))
      })
    )
  })

  it('are whole, or the stream is refused, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const splitter = new PacketSplitter()
        try {
          const found = splitter.take(Buffer.from(bytes))
          for (const packet of found) expect(publishOf(packet)?.payload.length ?? 0).toBeLessThanOrEqual(packet.length)
          expect(Buffer.concat(found).equals(Buffer.from(bytes.subarray(0, Buffer.concat(found).length)))).toBe(true)
        } catch (fault) {
          expect(fault).toBeInstanceOf(RangeError)
        }
      })
    )
  })

  it('are refused when they are longer than any of ours, before their bytes are kept', () => {
    expect(() => new PacketSplitter().take(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toThrow(RangeError)
    expect(() => new PacketSplitter().take(Buffer.of(0x30, 0x80, 0x80, 0x80, 0x80))).toThrow(RangeError)
  })
})

describe('a PUBLISH', () => {
  it('has a packet id at QoS 1, which is acknowledged with the same', () => {
    const packet = Buffer.concat([Buffer.of(0x32, 7, 0, 1), Buffer.from('t'), Buffer.of(0x12, 0x34), Buffer.from('hi')])
    expect(publishOf(packet)).toEqual({ topic: 't', payload: Buffer.from('hi'), id: 0x1234 })
    expect(pubackOf(0x1234)).toEqual(Buffer.of(0x40, 2, 0x12, 0x34))
  })

  it('is nothing when it says more than it has, nor is another packet', () => {
    expect(publishOf(Buffer.of(0x30, 3, 0, 9, 0x61))).toBeNull()
    expect(publishOf(Buffer.of(0x30, 0))).toBeNull()
    expect(publishOf(Buffer.of(0xc0, 0))).toBeNull()
  })
})
