// Somebody in the middle: over TCP and offline the same changes reach the PLC and the client.
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type ModbusLink, tcpLink } from '../../../simulators/plc/modbus-link.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { type Tamper, tamperedLink } from '../../../simulators/plc/tamper.ts'
import { WirePath } from '../../../simulators/plc/wire-path.ts'
import { directLink } from '../../parts/direct-link.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const newImage = () => new RegisterImage({ coils: [], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 9]] })

async function wire(): Promise<{ image: RegisterImage; path: WirePath; clients: Set<string> }> {
  const image = newImage()
  const clients = new Set<string>()
  const plc = new ModbusPlc({
    image,
    config: ModbusServerConfig.parse({ port: 0, maxConnections: 100 }),
    onConnection: ({ client }) => clients.add(client)
  })
  await plc.start()
  stops.push(() => plc.stop())
  const path = new WirePath({ listen: { host: '127.0.0.1', port: 0 }, plc: { host: '127.0.0.1', port: plc.port } })
  await path.start()
  stops.push(() => path.stop())
  return { image, path, clients }
}

const evil: Tamper = {
  request: (pdu) => (pdu[0] === 6 ? Buffer.from([6, 0, pdu[2] ?? 0, 0, 99]) : pdu[0] === 5 ? null : pdu),
  reply: (request, reply) => {
    if (request[0] === 3 && request[2] === 7) return Buffer.from([3, 2, 0x12, 0x34])
    return request[0] === 6 ? request : reply
  }
}

async function play(link: ModbusLink, image: RegisterImage): Promise<void> {
  expect([...(await link.request(Uint8Array.of(6, 0, 2, 0, 5)))]).toEqual([6, 0, 2, 0, 5])
  expect(image.holdingRegisters[2]).toBe(99)
  expect([...(await link.request(Uint8Array.of(3, 0, 7, 0, 1)))]).toEqual([3, 2, 0x12, 0x34])
  expect([...(await link.request(Uint8Array.of(3, 0, 2, 0, 1)))]).toEqual([3, 2, 0, 99])
  await expect(link.request(Uint8Array.of(5, 0, 0, 0, 0))).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
}

describe('somebody in the middle', () => {
  it('changes and drops what goes over TCP', async () => {
    const { image, path } = await wire()
    path.tamper = evil
    await using link = await tcpLink({ host: '127.0.0.1', port: path.port, unit: 1, localAddress: '127.0.0.1', timeoutMs: 500 })
    await play(link, image)
    expect(path.counts).toMatchObject({ connections: 1, changed: 3, dropped: 1 })
  })

  it('does the same offline', async () => {
    const image = newImage()
    await using link = tamperedLink(directLink({ image, host: 'x' }), { tamper: evil })
    await play(link, image)
  })

  it('lets everything pass while there is no tampering, whole, in pieces and pipelined', async () => {
    const { path } = await wire()
    await using client = await rawClient(path.port)
    for (const byte of frame(1, 1, [3, 0, 1, 0, 1])) client.send(Uint8Array.of(byte))
    client.send(Buffer.concat(Array.from({ length: 50 }, (_, i) => frame(i, 1, [3, 0, 0, 0, 9]))))
    expect((await client.take(11 + 50 * 27)).readUInt16BE(11 + 49 * 27)).toBe(49)
  })

  it('lets the PLC itself hang up on bytes that are no Modbus', async () => {
    const { path } = await wire()
    path.tamper = evil
    await using client = await rawClient(path.port)
    client.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await until(() => client.closed() !== null, { what: 'the connection to be closed' })
    await using next = await rawClient(path.port)
    expect(await next.ask([3, 0, 2, 0, 1])).toEqual([3, 2, 0, 0])
  })

  it.runIf(process.platform === 'linux')('comes to the PLC from the address of the client', async () => {
    const { path, clients } = await wire()
    await using link = await tcpLink({ host: '127.0.0.1', port: path.port, unit: 1, localAddress: '127.0.0.88', timeoutMs: 5000 })
    await link.request(Uint8Array.of(3, 0, 0, 0, 1))
    expect([...clients]).toEqual(['127.0.0.88'])
  })
})

it('passes any bytes on without harm to itself', { timeout: 60_000 }, async () => {
  const { path } = await wire()
  path.tamper = { request: (pdu) => pdu, reply: (_request, reply) => reply }
  const nearlyModbus = fc
    .tuple(fc.constantFrom(0, 0, 0, 1), fc.nat({ max: 300 }), fc.uint8Array({ maxLength: 300 }))
    .map(([protocol, length, rest]) => Buffer.from([0, 1, 0, protocol, length >> 8, length & 255, ...rest]))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(nearlyModbus, fc.uint8Array({ maxLength: 600 })), { maxLength: 5 }), async (chunks) => {
      await using client = await rawClient(path.port)
      for (const chunk of chunks) client.send(chunk)
      await using witness = await rawClient(path.port)
      expect(await witness.ask([3, 0, 9, 0, 1])).toHaveLength(4)
    }),
    { numRuns: 30 }
  )
})
