// Serial frames over TCP: what is answered, what is passed over in silence, and that no bytes harm the server.
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { tcpLink } from '../../../simulators/plc/modbus-link.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { crc16, rtuFrame } from '../../../simulators/plc/modbus-rtu.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const started: ModbusPlc[] = []
afterEach(async () => {
  for (const plc of started.splice(0)) await plc.stop()
})

async function serve(): Promise<ModbusPlc> {
  const image = new RegisterImage({ coils: [[0, 9]], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 199]] })
  for (let i = 0; i < 200; i++) image.holdingRegisters[i] = i
  const config = ModbusServerConfig.parse({ port: 0, unit: 17, framing: 'rtu-over-tcp' })
  const plc = new ModbusPlc({ image, config, identity: { vendor: 'Siyuan', product: 'RTU-7', revision: '2' } })
  await plc.start()
  started.push(plc)
  return plc
}

const read = Uint8Array.of(3, 0, 5, 0, 1)
const answer = [...rtuFrame(17, Uint8Array.of(3, 2, 0, 5))]

describe('serial frames', () => {
  it('carry the checksum of the norm', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x4b37)
    expect([...rtuFrame(1, Uint8Array.of(3, 0, 0, 0, 10))]).toEqual([1, 3, 0, 0, 0, 10, 0xc5, 0xcd])
  })

  it('are answered byte by byte, several in one chunk, and where only silence tells the end', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    for (const byte of rtuFrame(17, read)) client.send(Uint8Array.of(byte))
    expect([...(await client.take(7))]).toEqual(answer)
    client.send(Buffer.concat([rtuFrame(17, read), rtuFrame(17, read)]))
    expect([...(await client.take(14))]).toEqual([...answer, ...answer])
    client.send(rtuFrame(17, Uint8Array.of(90, 0, 2)))
    expect([...(await client.take(4)).subarray(0, 4)]).toEqual([17, 90, 0, 0xfe])
  })

  it('are passed over when wrong or for another slave, and obeyed unanswered when for all', async () => {
    const plc = await serve()
    await using client = await rawClient(plc.port)
    client.send(rtuFrame(17, read).fill(0, 7))
    await until(() => plc.counts.malformed === 1, { what: 'the frame to be passed over' })
    client.send(rtuFrame(9, read))
    client.send(rtuFrame(0, Uint8Array.of(6, 0, 5, 0, 77)))
    client.send(rtuFrame(17, read))
    expect([...(await client.take(7))]).toEqual([...rtuFrame(17, Uint8Array.of(3, 2, 0, 77))])
    expect(client.received().length).toBe(0)
    expect(plc.counts).toMatchObject({ requests: 2, malformed: 1 })
  })

  it('reach the PLC over a link', async () => {
    const { port } = await serve()
    await using link = await tcpLink({
      host: '127.0.0.1',
      port,
      unit: 17,
      localAddress: '127.0.0.1',
      timeoutMs: 5000,
      framing: 'rtu-over-tcp'
    })
    for (const pdu of [[3, 0, 0, 0, 99], [6, 0, 1, 0, 2], [22, 0, 1, 0, 0, 0, 9], [1, 0, 0, 0, 9], [17], [99]])
      expect((await link.request(Uint8Array.from(pdu)))[0]).toBe(pdu[0] === 99 ? 99 | 0x80 : pdu[0])
    expect((await link.request(Uint8Array.of(43, 14, 1, 0))).subarray(9, 15).toString()).toBe('Siyuan')
  })

  it('of any bytes leave the server right for the next client', async () => {
    const plc = await serve()
    // Without function 8: to listen only is an order that is right to obey.
    const pdu = fc.uint8Array({ minLength: 1, maxLength: 253 }).filter(([code]) => code !== 8)
    const nearlyRight = pdu.map((bytes) => rtuFrame(17, bytes))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(nearlyRight, fc.uint8Array({ maxLength: 600 })), { maxLength: 6 }), async (chunks) => {
        await using client = await rawClient(plc.port)
        for (const chunk of chunks) client.send(chunk)
        await using witness = await rawClient(plc.port)
        witness.send(rtuFrame(17, Uint8Array.of(3, 0, 199, 0, 1)))
        expect([...(await witness.take(7))].slice(0, 3)).toEqual([17, 3, 2])
      }),
      { numRuns: 40 }
    )
  })
})
