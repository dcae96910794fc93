// `agent identify` on a Modbus device: what it says, over one connection, with no function but 43/14, and 17 only when asked for.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { identify } from '../../../agent/commands/identify.ts'
import { IdentifyResult } from '../../../agent/commands/results.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { agentFile } from '../../parts/command.ts'

// A device that says who it is, in two parts.
async function startMeter() {
  const asked: number[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (frame) => {
      const functionCode = frame.readUInt8(7)
      asked.push(functionCode)
      const pdu = functionCode === 17 ? Buffer.from([17, 4, 0x4d, 0x31, 0x30, 0xff]) : part(frame.readUInt8(10))
      socket.write(Buffer.concat([frame.subarray(0, 4), Buffer.from([0, pdu.length + 1, frame.readUInt8(6)]), pdu]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}

function part(from: number): Buffer {
  const object = (id: number, text: string) => Buffer.concat([Buffer.from([id, Buffer.byteLength(text)]), Buffer.from(text)])
  const [objects, more, next] =
    from === 0 ? [[object(0, 'Waterworks'), object(1, 'M-10\u001b[2J')], 0xff, 2] : [[object(2, '1.4'), object(4, '流量计')], 0, 0]
  return Buffer.concat([Buffer.from([43, 14, 2, 0x82, more, next, objects.length]), ...objects])
}

const deviceAt = (port: number) => ({ id: 'meter', protocol: 'modbus-tcp', host: '127.0.0.1', port, tags: [{ name: 't', at: 'coil 0' }] })

it('tells what the device says, in all its parts', async () => {
  await using meter = await startMeter()
  const file = await agentFile([deviceAt(meter.port)])
  const { data, text } = await identify({ file, device: 'meter', timeout: 10_000, language: 'zh-CN' })
  const { device, facts } = IdentifyResult.parse(data)
  expect(device).toMatchObject({ id: 'meter', protocol: 'modbus-tcp' })
  expect(Object.fromEntries(facts.map(({ name, value }) => [name, value]))).toMatchObject({
    vendor: 'Waterworks',
    revision: '1.4',
    productName: '流量计'
  })
  expect(text).toMatch(/厂商 {6}Waterworks/)
  expect(text).not.toContain('\u001b[2J')
  expect([new Set(meter.asked), meter.sockets.size]).toEqual([new Set([43]), 1])
})

it('sends function 17 only when it is asked for', async () => {
  await using meter = await startMeter()
  const { data } = await identify({
    file: await agentFile([deviceAt(meter.port)]),
    device: 'meter',
    serverId: true,
    timeout: 10_000,
    language: 'en'
  })
  expect(IdentifyResult.parse(data).facts.at(-1)).toMatchObject({ name: 'serverId' })
  expect(new Set(meter.asked)).toEqual(new Set([43, 17]))
})

it('says why a device does not tell', async () => {
  await using plc = await AddressPlc.start()
  const file = await agentFile([deviceAt(plc.port)])
  const asked = identify({ file, device: 'meter', timeout: 10_000, language: 'en' })
  await expect(asked).rejects.toMatchObject({ code: 'MODBUS_EXCEPTION', exitCode: 1 })
  await expect(asked).rejects.toThrow(/^device meter: The device refuses the function \(exception 1\)/)
  await expect(identify({ file, device: 'other', timeout: 1000, language: 'en' })).rejects.toMatchObject({ exitCode: 2 })
  const away = await agentFile([deviceAt(1)])
  await expect(identify({ file: away, device: 'meter', timeout: 10_000, language: 'en' })).rejects.toMatchObject({
    code: 'MODBUS_NOT_CONNECTED'
  })
})
