// Everything that a running agent sends to its devices, recorded by a PLC and captured on the line: reads, what its config lets
// it ask about the device's identity, and nothing else.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readConfig } from '#runtime/config-file.ts'
import { quietLog } from '#runtime/log.ts'
import { Agent } from '../../agent/agent.ts'
import { AgentConfig } from '../../agent/config.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { startCapture } from '../parts/capture.ts'
import { FAULTS, FaultProxy } from '../parts/fault-proxy.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { temporaryFolder } from '../parts/wait.ts'

const SECONDS = Number(process.env['PENSTOCK_SAFETY_SECONDS'] ?? 60)
const EXAMPLE = join(import.meta.dirname, '../../deploy/examples/agent.yaml')

interface Request {
  functionCode: number
  quantity: number
}

// A second, independent reading of the frames: protocol 0; a read has 12 bytes in all, an identification 11.
function requestsIn(stream: Buffer): Request[] {
  const requests: Request[] = []
  for (let at = 0; at < stream.length; ) {
    const functionCode = stream.readUInt8(at + 7)
    const length = functionCode === 43 ? 11 : 12
    const frame = stream.subarray(at, at + length)
    expect(frame.length, 'a whole frame').toBe(length)
    expect(frame.readUInt32BE(2), 'protocol 0 and the length').toBe(length - 6)
    if (functionCode === 43) expect(frame.subarray(8, 10), 'MEI type 14, regular objects').toEqual(Buffer.from([14, 2]))
    requests.push({ functionCode, quantity: functionCode === 43 ? 1 : frame.readUInt16BE(10) })
    at += length
  }
  return requests
}

// The waterworks of the example, and a second device that is met with every fault there is, one after the other.
async function configOf(plc: number, spoilt: number, broker: string): Promise<AgentConfig> {
  const { config } = await readConfig({ file: EXAMPLE, schema: AgentConfig })
  const [device] = config.devices
  if (device?.protocol !== 'modbus-tcp') throw new Error('the example has a device')
  const good = { ...device, port: plc }
  const tags = device.tags.map((tag) => ({ ...tag, name: `spoilt.${tag.name}` }))
  const bad = { ...device, id: 'plc-2', port: spoilt, timeoutMs: 300, identify: true, tags }
  return { ...config, broker: { ...config.broker, url: broker }, devices: [good, bad] }
}

it(`sends function codes 1 to 4, 43/14 where it is allowed, and nothing else, in ${SECONDS} seconds of good and bad days`, {
  timeout: SECONDS * 1000 + 60_000
}, async () => {
  await using mosquitto = await startMosquitto()
  await using plc = await AddressPlc.start({ illegal: [{ table: 'holding-register', from: 4, to: 4 }] })
  await using other = await AddressPlc.start({ identity: () => [43, 14, 2, 1, 0, 0, 1, 0, 3, 80, 76, 67] })
  await using proxy = await FaultProxy.start({ port: other.port })
  await using capture = await startCapture([plc.port, proxy.port])
  const config = await configOf(plc.port, proxy.port, mosquitto.url)
  const agent = new Agent({ config, hash: 'safety', log: quietLog(), dataDir: await temporaryFolder() })
  await agent.start()
  const share = (1000 * SECONDS) / FAULTS.length
  for (const fault of FAULTS) {
    proxy.fault = fault
    await sleep(share)
  }
  const health = agent.status?.health()
  await agent.stop()

  const streams = await capture.streamsTo([plc.port, proxy.port])
  const [direct, spoilt] = [streams.get(plc.port) ?? [], streams.get(proxy.port) ?? []]
  const requests = [...direct, ...spoilt].flatMap(requestsIn)
  const codes = requests.map(({ functionCode }) => functionCode)
  expect(new Set(codes)).toEqual(new Set([1, 2, 3, 4, 43]))
  // Only the device that may be asked was, and as seldom as it should be.
  expect(direct.flatMap(requestsIn).some(({ functionCode }) => functionCode === 43)).toBe(false)
  expect(codes.filter((code) => code === 43).length).toBeLessThanOrEqual(16)
  for (const { functionCode, quantity } of requests) expect(quantity).toBeLessThanOrEqual(functionCode <= 2 ? 2000 : 125)
  // The example plans 4 requests a second; half of them is asked for here, so that a slow machine passes too.
  expect(requests.length).toBeGreaterThan(2 * SECONDS)

  // What the line showed is what the PLC got, to the byte, over one connection; health counts the same.
  expect(Buffer.concat(direct).equals(Buffer.concat(plc.received))).toBe(true)
  expect(plc.connections).toBe(1)
  expect(proxy.mostOpen).toBe(1)
  expect(plc.functionCodes).toEqual(new Set([1, 2, 3, 4]))
  expect(other.functionCodes.difference(new Set([1, 2, 3, 4, 43]))).toEqual(new Set())
  expect(health?.devices.map(({ refused }) => refused)).toEqual([0, 0])
  console.log(
    `${requests.length} requests captured in ${SECONDS} s: ${[1, 2, 3, 4, 43].map((code) => `${codes.filter((one) => one === code).length} x FC ${code}`).join(', ')}; none other`
  )
})
