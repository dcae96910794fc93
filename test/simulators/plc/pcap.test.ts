// A recording as tshark reads it: every packet right, and the same values as were exchanged.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tcpLink } from '../../../simulators/plc/modbus-link.ts'
import { OfflineNetwork } from '../../../simulators/plc/modbus-network.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { ModbusStation } from '../../../simulators/plc/modbus-station.ts'
import { PcapRecorder } from '../../../simulators/plc/pcap-recorder.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { pcapFile } from '../../parts/pcap-file.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const identity = { vendor: 'Siyuan', product: 'RTU-7', revision: '2.1' }
const layout = { coils: [[0, 19]], discreteInputs: [[0, 19]], inputRegisters: [[0, 99]], holdingRegisters: [[0, 199]] } as const

const EVERYTHING: readonly (readonly number[])[] = [
  [1, 0, 0, 0, 9],
  [2, 0, 0, 0, 9],
  [3, 0, 0, 0, 125],
  [4, 0, 0, 0, 2],
  [5, 0, 1, 0xff, 0],
  [6, 0, 1, 0x12, 0x34],
  [8, 0, 0, 1, 2],
  [8, 0, 11, 0, 0],
  [15, 0, 0, 0, 9, 2, 0xff, 1],
  [16, 0, 2, 0, 2, 4, 0, 7, 0, 8],
  [17],
  [22, 0, 1, 0, 0xff, 0x55, 0],
  [23, 0, 0, 0, 3, 0, 5, 0, 1, 2, 0, 9],
  [43, 14, 1, 0],
  [43, 14, 2, 0],
  [90, 0, 2],
  [7],
  [3, 0xff, 0xff, 0, 1],
  [3, 0, 1, 0, 1]
]

function newImage(): RegisterImage {
  const image = new RegisterImage(layout)
  for (let i = 0; i < 200; i++) image.holdingRegisters[i] = i * 3
  return image
}

const tshark = (file: string, ...args: string[]): string[] =>
  execFileSync('tshark', ['-r', file, '-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000
  })
    .split('\n')
    .filter((line) => line !== '')

const WRONG =
  '_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.expert.severity >= 0x800000'

async function recordEverything(file: string): Promise<{ packets: number; dropped: number }> {
  using recorder = pcapFile({ path: file, maxBytes: 1e7, now: () => Date.UTC(2026, 0, 5) })
  const limits = { unit: 1, maxConnections: 2, whenFull: 'refuse-new' as const }
  const station = new ModbusStation({ image: newImage(), limits, identity, now: () => 0 })
  const network = new OfflineNetwork({ stations: { '10.1.0.5': station }, ...recorder.observer() })
  await using hmi = await network.connect({ from: '10.1.0.9', to: '10.1.0.5' })
  for (const pdu of EVERYTHING) await hmi.request(Uint8Array.from(pdu))
  await using rogue = await network.connect({ from: 'rogue', to: '10.1.0.5' })
  await expect(network.connect({ from: '10.1.0.7', to: '10.1.0.5' })).rejects.toThrow()
  await rogue.request(Uint8Array.of(6, 0, 1, 0, 1))
  await expect(rogue.request(Uint8Array.of(8, 0, 4, 0, 0))).rejects.toThrow()
  recorder.end()
  return recorder.counts
}

describe('a recording', () => {
  it('is right in every packet for tshark and says the same values', async () => {
    const file = join(await temporaryFolder(), 'offline.pcap')
    const { packets, dropped } = await recordEverything(file)
    expect(dropped).toBe(0)
    expect(tshark(file)).toHaveLength(packets)
    expect(tshark(file, '-Y', WRONG)).toEqual([])
    const functions = tshark(file, '-Y', 'modbus', '-T', 'fields', '-e', 'modbus.func_code').map(Number)
    const expected = [...EVERYTHING.flatMap(([code]) => [code, code]), 6, 6, 8]
    expect(functions).toEqual(expected)
    const read = tshark(file, '-Y', 'modbus.func_code == 3 && tcp.srcport == 502', '-T', 'fields', '-e', 'modbus.regval_uint16')
    expect(read[0]).toBe(Array.from({ length: 125 }, (_, i) => i * 3).join(','))
    const texts = tshark(file, '-Y', 'modbus.func_code == 43 && tcp.srcport == 502', '-T', 'fields', '-e', 'modbus.object_str_value')
    expect(texts[0]).toBe('Siyuan,RTU-7,2.1')
    expect(tshark(file, '-Y', 'tcp.flags.reset == 1')).toHaveLength(1)
  })

  it('has what went over sockets too, from the addresses and ports that were on the wire', async () => {
    const file = join(await temporaryFolder(), 'tcp.pcap')
    using recorder = pcapFile({ path: file, maxBytes: 1e7, now: () => Date.now() })
    let closed = 0
    const { onConnection, ...observer } = recorder.observer()
    const plc = new ModbusPlc({
      image: newImage(),
      config: ModbusServerConfig.parse({ port: 0 }),
      identity,
      ...observer,
      onConnection: (news) => {
        onConnection?.(news)
        if (news.what === 'closed') closed++
      }
    })
    await plc.start()
    const { port } = plc
    try {
      const to = { host: '127.0.0.1', port, unit: 1, localAddress: '127.0.0.66', timeoutMs: 5000 }
      await using link = await tcpLink(to)
      for (const pdu of EVERYTHING) await link.request(Uint8Array.from(pdu))
      await link[Symbol.asyncDispose]()
      await until(() => closed === 1, { what: 'the connection to be closed' })
    } finally {
      await plc.stop()
    }
    recorder.end()
    expect(tshark(file, '-o', `mbtcp.tcp.port:${port}`, '-Y', WRONG)).toEqual([])
    const requests = tshark(file, '-o', `mbtcp.tcp.port:${port}`, '-Y', `modbus && tcp.dstport == ${port} && ip.src == 127.0.0.66`)
    expect(requests.length).toBe(EVERYTHING.length)
  })

  it('holds to its size, tells what it left out, and is still whole', async () => {
    const file = join(await temporaryFolder(), 'small.pcap')
    using recorder = pcapFile({ path: file, maxBytes: 2000, now: () => 0 })
    const { onExchange } = recorder.observer()
    const exchange = { client: '10.0.0.1', server: '10.0.0.2', unit: 1, connection: 1 }
    for (let i = 0; i < 100; i++) onExchange?.({ ...exchange, request: Buffer.of(3, 0, 0, 0, 1), reply: Buffer.of(3, 2, 0, 1) })
    recorder.end()
    expect(statSync(file).size).toBeLessThanOrEqual(2000)
    expect(recorder.counts.dropped).toBeGreaterThan(100)
    expect(tshark(file, '-Y', WRONG)).toEqual([])
    expect(tshark(file)).toHaveLength(recorder.counts.packets)
  })

  it('is the same, byte for byte, for the same exchanges', async () => {
    const [one, two] = [join(await temporaryFolder(), 'a'), join(await temporaryFolder(), 'b')]
    await recordEverything(one)
    await recordEverything(two)
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true)
  })

  it('ends when it cannot be written, and harms nobody', () => {
    const recorder = new PcapRecorder({
      write: () => {
        throw new Error('no space left on device')
      },
      maxBytes: 1e9,
      now: () => 0
    })
    const { onExchange } = recorder.observer()
    const exchange = { client: 'a', server: 'b', unit: 1, connection: 1, request: Buffer.alloc(250), reply: null }
    for (let i = 0; i < 2000; i++) onExchange?.(exchange)
    expect(recorder.counts.dropped).toBeGreaterThan(0)
  })
})
