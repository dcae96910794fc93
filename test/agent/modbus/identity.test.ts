// Device identification: the bounded loop over its parts, the guard that lets only this question through, and the events.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { AgentClock } from '../../../agent/clock.ts'
import { ModbusFault } from '../../../agent/modbus/fault.ts'
import { readIdentification, serverIdOf } from '../../../agent/modbus/identity.ts'
import { IdentityWatch } from '../../../agent/modbus/identity-watch.ts'
import { ModbusReader } from '../../../agent/modbus/reader.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { readDevices } from '../../parts/reading-devices.ts'
import { until } from '../../parts/wait.ts'

const object = (id: number, text: string | Buffer): number[] => [id, Buffer.byteLength(text), ...Buffer.from(text)]
const part = (objects: number[][], { more = 0, next = 0, count = objects.length } = {}): Buffer =>
  Buffer.from([43, 14, 2, 1, more, next, count, ...objects.flat()])
const read = (answers: readonly Buffer[]) => {
  const asked: number[] = []
  const identity = readIdentification(async (from) => {
    asked.push(from)
    return answers[Math.min(asked.length, answers.length) - 1] ?? Buffer.alloc(0)
  }, 'plc')
  return { asked, identity }
}

describe('an identification', () => {
  it('is put together from its parts', async () => {
    const { asked, identity } = read([
      part([object(0, 'Siyuan'), object(1, 'RTU-7')], { more: 0xff, next: 2 }),
      part([object(2, 'V2.1\0'), object(4, '泵站'), object(5, '')])
    ])
    expect(await identity).toEqual({ vendor: 'Siyuan', product: 'RTU-7', revision: 'V2.1', productName: '泵站' })
    expect(asked).toEqual([0, 2])
  })

  it('may count in each part the objects of all, as the example of the norm does', async () => {
    const { identity } = read([
      part([object(0, 'a'), object(1, 'b')], { more: 0xff, next: 2, count: 3 }),
      part([object(2, 'c')], { count: 3 })
    ])
    expect(await identity).toEqual({ vendor: 'a', product: 'b', revision: 'c' })
  })

  it.each<[string, Buffer[]]>([
    ['never ends', Array.from({ length: 40 }, (_, i) => part([object(i, 'x')], { more: 0xff, next: i + 1 }))],
    ['goes round', [part([object(3, 'x')], { more: 0xff, next: 3 })]],
    ['goes back', [part([object(4, 'x'), object(2, 'y')])]],
    ['gives nothing and more of it', [part([], { more: 0xff, next: 9 })]],
    ['gives an object that is longer than its part', [part([[0, 50, 65]])]],
    ['ends within an object', [part([[0]])]],
    ['gives more objects than it told', [part([object(0, 'x'), object(1, 'y')], { count: 1 })]],
    ['says neither that more follows nor that it does not', [part([], { more: 7 })]],
    ['is of another code', [Buffer.from([43, 14, 1, 1, 0, 0, 0])]],
    ['is of another MEI type', [Buffer.from([43, 13, 2, 1, 0, 0, 0])]],
    ['is empty', [Buffer.alloc(0)]]
  ])('that %s is refused, after 16 questions at most', async (_what, answers) => {
    const { asked, identity } = read(answers)
    await expect(identity).rejects.toBeInstanceOf(ModbusFault)
    expect(asked.length).toBeLessThanOrEqual(16)
  })

  it('of any bytes at all is short texts without control characters, or a named fault', async () => {
    const head = fc.constantFrom([], [43, 14, 2, 1, 0, 0, 3], [43, 14, 2, 1, 0xff, 5, 3])
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(head, fc.uint8Array({ maxLength: 246 })), { minLength: 1, maxLength: 4 }), async (answers) => {
        const outcome = await read(answers.map(([start, rest]) => Buffer.from([...start, ...rest]))).identity.catch((error) => error)
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ModbusFault)
        else
          for (const text of Object.values(outcome)) {
            expect(text).toMatch(/^[^\p{Cc}]{1,300}$/u)
          }
      })
    )
  })

  it('shows bytes that are no text as digits', () => {
    expect(serverIdOf(Buffer.from([17, 3, 1, 255, 0]))).toBe('0x01ff00')
    expect(serverIdOf(Buffer.from([17, 4, ...Buffer.from('PLC1')]))).toBe('PLC1')
  })
})

const answering = (pdu: Buffer): number[] => (pdu[0] === 17 ? [17, 2, 65, 66] : [...part([object(0, 'Siyuan'), object(2, 'V1')])])

describe.each(['mbap', 'rtu'] as const)('the guard, with %s frames,', (frames) => {
  const open = async (port: number, identify: number[], serverId: number[]) => {
    const reader = new ModbusReader(
      { over: 'tcp', frames, host: '127.0.0.1', port, connectTimeoutMs: 5000 },
      { allowed: { identify: new Set(identify), serverId: new Set(serverId) } }
    )
    await reader.connect()
    return reader
  }

  it('lets units be asked for which it was allowed, and counts all other attempts', async () => {
    await using plc = await AddressPlc.start({ frames, identity: answering })
    const reader = await open(plc.port, [1], [2])
    const timeoutMs = 5000
    expect((await reader.identify({ unit: 1, level: 2, objectId: 0, timeoutMs })).subarray(0, 3)).toEqual(Buffer.from([43, 14, 2]))
    expect(await reader.serverId({ unit: 2, timeoutMs })).toEqual(Buffer.from([17, 2, 65, 66]))
    await expect(reader.identify({ unit: 2, level: 2, objectId: 0, timeoutMs })).rejects.toMatchObject({ code: 'MODBUS_REFUSED' })
    await expect(reader.serverId({ unit: 1, timeoutMs })).rejects.toMatchObject({ code: 'MODBUS_REFUSED' })
    expect(reader.counters.refused).toBe(2)
    expect((await reader.read({ unit: 1, table: 'holding-register', address: 7, count: 1, timeoutMs })).readUInt16BE(0)).toBe(7)
    expect(plc.requests.map(({ functionCode }) => functionCode)).toEqual([43, 17, 3])
    reader.close()
  })

  it('tells an exception as one', async () => {
    await using plc = await AddressPlc.start({ frames })
    const reader = await open(plc.port, [1], [])
    const question = reader.identify({ unit: 1, level: 2, objectId: 0, timeoutMs: 5000 })
    await expect(question).rejects.toMatchObject({ code: 'MODBUS_EXCEPTION', exceptionCode: 1 })
    reader.close()
  })
})

describe('a device that may be asked', () => {
  const tags = [{ name: 'level', at: 'holding 10 uint16' }]

  it('tells once what it is, and gives its values beside that', async () => {
    await using plc = await AddressPlc.start({ identity: answering })
    await using devices = readDevices([{ port: plc.port, timeoutMs: 10_000, tags, identify: true, serverId: true }])
    await until(() => devices.events.length > 0 && devices.samples.length > 3, { what: 'an event and samples' })
    expect(devices.events).toMatchObject([
      { device: 'plc-1', kind: 'identity', change: 'first', severity: 200, details: { vendor: 'Siyuan', revision: 'V1', serverId: 'AB' } }
    ])
    expect(devices.sources[0]?.health().requests).toMatchObject({ '43': 1, '17': 1 })
    expect(devices.last('level')?.value).toBe(10)
  })

  it('is not asked when its config does not say so', async () => {
    await using plc = await AddressPlc.start({ identity: answering })
    await using devices = readDevices([{ port: plc.port, timeoutMs: 10_000, tags }])
    await until(() => devices.samples.length > 3, { what: 'samples' })
    expect(plc.functionCodes).toEqual(new Set([3]))
  })

  it('tells a change with what was before, and is not asked before its time', async () => {
    let now = 0
    let revision = 'V1'
    const asked: number[] = []
    const counters = { connects: 1 }
    const link = {
      endpoint: 'plc:502',
      counters,
      ask: async () => ({ answer: part([object(0, 'Siyuan'), object(2, revision)]), roundTripMs: 1 })
    }
    const watch = new IdentityWatch({
      device: 'plc-1',
      unit: 1,
      timeoutMs: 100,
      identify: true,
      serverId: false,
      everyHours: 24,
      // Only what the watch asks of a link.
      link: link as unknown as ConstructorParameters<typeof IdentityWatch>[0]['link'],
      clock: new AgentClock({ floor: 0 }),
      log: quietLog(),
      requested: (functionCode) => void asked.push(functionCode),
      now: () => now
    })
    const events: unknown[] = []
    const look = () => watch.look((event) => void events.push(event), new AbortController().signal)
    await look()
    await look()
    revision = 'V2'
    now = 23 * 3_600_000
    await look()
    expect(asked).toEqual([43])
    now = 24 * 3_600_000
    await look()
    // A new connection is a reason to ask, but not at once again.
    revision = 'V3'
    counters.connects++
    await look()
    expect(asked).toEqual([43, 43])
    now += 11 * 60_000
    await look()
    expect(asked).toEqual([43, 43, 43])
    expect(events).toMatchObject([
      { change: 'first', details: { revision: 'V1' } },
      { change: 'changed', severity: 800, details: { 'revision.before': 'V1', 'revision.after': 'V2' } },
      { change: 'changed', details: { 'revision.before': 'V2', 'revision.after': 'V3' } }
    ])
  })
})
