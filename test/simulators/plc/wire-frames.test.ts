// Streams taken apart into frames and put together again: whole frames are seen once each, however they arrive, and what is no frame
// passes unchanged.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requestLength, rtuFrame } from '../../../simulators/plc/modbus-rtu.ts'
import { type FrameChange, type Frames, serialFrames, tcpFrames } from '../../../simulators/plc/wire-frames.ts'
import { frame } from '../../parts/raw-modbus.ts'

const keep: FrameChange = (_transaction, pdu) => pdu
const pdus = fc.oneof(
  fc.tuple(fc.constantFrom(1, 2, 3, 4, 5, 6), fc.uint8Array({ minLength: 4, maxLength: 4 })).map(([code, rest]) => [code, ...rest]),
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map((data) => [16, 0, 0, 0, data.length, data.length, ...data])
)

// The stream cut into pieces of these lengths, over and over.
function inPieces(frames: Frames, bytes: Buffer, lengths: readonly number[]): Buffer {
  const out: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1
    out.push(frames(bytes.subarray(at, at + length)))
    at += length
  }
  return Buffer.concat(out)
}

const KINDS = [
  {
    kind: 'Modbus TCP',
    of: (change: FrameChange) => tcpFrames(change),
    frameOf: (pdu: readonly number[]) => Buffer.from(frame(7, 1, pdu))
  },
  {
    kind: 'serial frames',
    of: (change: FrameChange) => serialFrames(change, requestLength),
    frameOf: (pdu: readonly number[]) => rtuFrame(1, Uint8Array.from(pdu))
  }
]

describe.each(KINDS)('$kind', ({ of, frameOf }) => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })

  it('are seen once each and come out as they are, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(pdus, { maxLength: 6 }), cuts, (all, lengths) => {
        const seen: number[][] = []
        const frames = of((_, pdu) => {
          seen.push([...pdu])
          return pdu
        })
        const bytes = Buffer.concat(all.map(frameOf))
        expect(inPieces(frames, bytes, lengths)).toEqual(bytes)
        expect(seen).toEqual(all)
      })
    )
  })

  it('come out changed, or not at all', () => {
    const frames = of((_, pdu) => (pdu[0] === 5 ? null : Buffer.from([6, 0, 1, 0, 2])))
    const bytes = Buffer.concat([frameOf([6, 0, 1, 0, 9]), frameOf([5, 0, 1, 0, 0]), frameOf([6, 0, 1, 0, 8])])
    expect(frames(bytes)).toEqual(Buffer.concat([frameOf([6, 0, 1, 0, 2]), frameOf([6, 0, 1, 0, 2])]))
  })

  it('pass anything else on, of which they hold back less than a frame', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }), (chunks) => {
        const frames = of(keep)
        const bytes = Buffer.concat(chunks)
        const out = Buffer.concat(chunks.map((chunk) => frames(Buffer.from(chunk))))
        expect(bytes.subarray(0, out.length)).toEqual(out)
        expect(bytes.length - out.length).toBeLessThan(264)
      })
    )
  })
})
