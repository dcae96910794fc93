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

  const first = (address: number) => [address >> 8, address & 0xff]
  const request = (functionCode: number, address: number, quantity: number) =>
    Buffer.from([functionCode, ...first(address), ...first(quantity)])
  it.each([...most])('admits with function code %i from one to %i, up to the last address', (functionCode, limit) => {
    for (const [address, quantity] of [
      [0, 1],
      [0, limit],
      [65_535, 1],
      [65_536 - limit, limit]
    ] as const) {
      const pdu = request(functionCode, address, quantity)
      expect(admitRead(7, pdu)).toMatchObject({ unit: 7, pdu })
    }
    for (const [address, quantity] of [
      [5, 0],
      [0, limit + 1],
      [65_535, 2],
      [65_537 - limit, limit]
    ] as const)
      expect(admitRead(7, request(functionCode, address, quantity))).toBe(
        `${quantity} from address ${address} with function code ${functionCode}`
      )
  })

  it.each([
    [[], 'function code -1 is not a read'],
    [[6, 0, 1, 0, 1], 'function code 6 is not a read'],
    [[3, 0, 1, 0], 'a read request of 4 bytes'],
    [[3, 0, 1, 0, 1, 0], 'a read request of 6 bytes']
  ])('says why %j is no read', (pdu, why) => {
    expect(admitRead(1, Buffer.from(pdu))).toBe(why)
  })

  it.each([
    [2, 9, [2, 2, 0, 0], undefined],
    [2, 8, [2, 1, 0], undefined],
    [4, 2, [4, 4, 0, 0, 0, 0], undefined],
    // As long as it should be, with another number in it.
    [3, 2, [3, 3, 0, 0, 0, 0], '4 bytes were asked for, the reply says 3 and holds 4']
  ])('knows what function code %i gives for %i', (functionCode, quantity, reply, wrong) => {
    const admitted = admitRead(1, request(functionCode, 0, quantity))
    expect(typeof admitted === 'string' ? admitted : admitted.wrong(1, Buffer.from(reply))).toBe(wrong)
  })

  const ALLOWED = { identify: new Set([4]), serverId: new Set([5]) }
  it.each([
    [4, [], 'function code -1 is no identification'],
    [4, [3, 14, 1, 0], 'function code 3 is no identification'],
    [4, [43], 'function code 43 with MEI type -1'],
    [4, [43, 13, 1, 0], 'function code 43 with MEI type 13'],
    [5, [43, 14, 1, 0], 'function code 43/14 was not allowed for unit 5'],
    [4, [43, 14], 'an identification request of 2 bytes with code -1'],
    [4, [43, 14, 0, 0], 'an identification request of 4 bytes with code 0'],
    [4, [43, 14, 4, 0], 'an identification request of 4 bytes with code 4'],
    [4, [43, 14, 1], 'an identification request of 3 bytes with code 1'],
    [4, [43, 14, 1, 0, 0], 'an identification request of 5 bytes with code 1'],
    [4, [17], 'function code 17 was not allowed for unit 4'],
    [5, [17, 0], 'a request of function code 17 of 2 bytes']
  ])('says why unit %i is not asked %j', (to, pdu, why) => {
    expect(admitIdentity(to, Buffer.from(pdu), ALLOWED)).toBe(why)
  })

  it.each([
    [4, [43, 14, 1, 0], [43, 14, 1, 1, 0, 0, 0], undefined],
    [4, [43, 14, 2, 0], [43, 14, 2, 1, 0, 0, 1, 0, 1, 65], undefined],
    [4, [43, 14, 3, 0], [0xab, 1], undefined],
    [4, [43, 14, 1, 0], [43, 14, 1, 1, 0, 0], 'an identification of 6 bytes'],
    [4, [43, 14, 1, 0], [43, 13, 1, 1, 0, 0, 0], 'an identification of 7 bytes'],
    [5, [17], [17, 1, 9], undefined],
    [5, [17], [0x91, 1], undefined],
    [5, [17], [17, 0], 'a server id said to have 0 bytes, with 0'],
    [5, [17], [17, 2, 9], 'a server id said to have 2 bytes, with 1'],
    [5, [17], [43, 14, 1, 1, 0, 0, 0], 'function code 17 was asked, 43 is answered']
  ])('takes from unit %i, asked %j, the reply %j for what it is', (to, pdu, reply, wrong) => {
    const admitted = admitIdentity(to, Buffer.from(pdu), ALLOWED)
    if (typeof admitted === 'string') throw new Error(admitted)
    expect(admitted).toMatchObject({ unit: to, pdu: Buffer.from(pdu) })
    expect(admitted.wrong(to, Buffer.from(reply))).toBe(wrong)
  })
})
