// The guard under any request at all: what passes is a plain read or an allowed question, in one shape each.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admitIdentity, admitRead, NO_IDENTITY } from '../../../agent/modbus/guard.ts'

const unit = fc.integer({ min: 0, max: 255 })
const likely = fc.constantFrom(
  [3, 0, 1, 0, 1],
  [1, 0, 0, 7, 208],
  [43, 14, 2, 0],
  [43, 13, 1, 0],
  [43, 14, 4, 0],
  [17],
  [17, 0],
  [6, 0, 1, 0, 1]
)
const pdu = fc.oneof(likely, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 })).map((bytes) => Buffer.from(bytes))
const most = new Map([
  [1, 2000],
  [2, 2000],
  [3, 125],
  [4, 125]
])

describe('the guard', () => {
  it('admits as a read only functions 1 to 4 with a quantity that the norm allows', () => {
    fc.assert(
      fc.property(unit, pdu, (to, request) => {
        const admitted = admitRead(to, request)
        const [functionCode = -1] = request
        const limit = most.get(functionCode) ?? 0
        const [address, quantity] = request.length === 5 ? [request.readUInt16BE(1), request.readUInt16BE(3)] : [0, 0]
        const fine = quantity >= 1 && quantity <= limit && address + quantity <= 65_536
        expect(typeof admitted === 'string').toBe(!fine)
      }),
      { numRuns: 2000 }
    )
  })

  it('admits as a question only 43/14 and 17, and only for the units that are named', () => {
    const units = fc.uniqueArray(unit, { maxLength: 5 })
    fc.assert(
      fc.property(unit, pdu, units, units, (to, request, identify, serverId) => {
        const admitted = admitIdentity(to, request, { identify: new Set(identify), serverId: new Set(serverId) })
        const [code, mei, level = 0] = request
        const asks43 = code === 43 && mei === 14 && request.length === 4 && level >= 1 && level <= 3 && identify.includes(to)
        const asks17 = code === 17 && request.length === 1 && serverId.includes(to)
        expect(typeof admitted === 'string').toBe(!asks43 && !asks17)
      }),
      { numRuns: 2000 }
    )
  })

  it('admits no question when none is named', () => {
    for (let to = 0; to < 256; to++)
      for (const request of [[43, 14, 1, 0], [17]]) expect(admitIdentity(to, Buffer.from(request), NO_IDENTITY)).toBeTypeOf('string')
  })

  it.each([
    [[3, 0, 1, 0, 2], [3, 4, 0, 0, 0, 0], undefined],
    [[3, 0, 1, 0, 2], [3, 2, 0, 0], /4 bytes were asked for/],
    [[3, 0, 1, 0, 2], [3, 4, 0, 0], /holds 2/],
    [[3, 0, 1, 0, 2], [0x83, 2], undefined],
    [[3, 0, 1, 0, 2], [0x83, 2, 0], /exception of 3 bytes/],
    [[3, 0, 1, 0, 2], [0x84, 2], /132 is answered/],
    [[1, 0, 1, 0, 9], [1, 2, 0, 0], undefined],
    [[1, 0, 1, 0, 9], [2, 2, 0, 0], /function code 1 was asked/]
  ])('to %j takes %j for what it is', (request, reply, wrong) => {
    const admitted = admitRead(1, Buffer.from(request))
    if (typeof admitted === 'string') throw new Error(admitted)
    const said = admitted.wrong(1, Buffer.from(reply))
    if (wrong === undefined) expect(said).toBeUndefined()
    else expect(said).toMatch(wrong)
    expect(admitted.wrong(2, Buffer.from(reply))).toMatch(/unit 1 was asked, unit 2 answers/)
  })
})
