// What really goes over the loopback line, taken by dumpcap, and the TCP streams in it put together by a reader of our own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder, until } from './wait.ts'

export interface Capture extends AsyncDisposable {
  /** Ends the capture and gives all bytes that were sent to each port, connection by connection. */
  streamsTo(ports: readonly number[]): Promise<Map<number, Buffer[]>>
  /** Ends the capture and gives its file. */
  file(): Promise<string>
}

/** Captures all TCP traffic to and from the given ports; resolves when the capture runs. */
export async function startCapture(ports: readonly number[]): Promise<Capture> {
  const file = join(await temporaryFolder(), 'capture.pcap')
  const filter = `tcp and (${ports.map((port) => `port ${port}`).join(' or ')})`
  const child = spawn('dumpcap', ['-i', 'lo', '-P', '-q', '-B', '16', '-w', file, '-f', filter], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  await Promise.race([failed, until(() => output.includes('File:'), { what: 'dumpcap to begin' })]).catch((cause) => {
    child.kill('SIGKILL')
    throw new Error(`dumpcap does not capture: ${output}`, { cause })
  })
  return {
    async streamsTo(ports) {
      await end(child, 'SIGINT')
      return streamsOf(await readFile(file), ports)
    },
    async file() {
      await end(child, 'SIGINT')
      return file
    },
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL')
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  // dumpcap fetches what the kernel holds for it some times a second, and at its end forgets what it has not fetched.
  if (signal === 'SIGINT') await sleep(500)
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

interface Segment {
  sequence: number
  payload: Buffer
}

// libpcap file format: 24 bytes of header, then records of 16 bytes of header and the packet; little-endian on our machines.
function streamsOf(pcap: Buffer, ports: readonly number[]): Map<number, Buffer[]> {
  if (pcap.readUInt32LE(0) !== 0xa1b2c3d4 || pcap.readUInt32LE(20) !== 1) throw new Error('not a little-endian Ethernet capture')
  const connections = new Map<string, { port: number; start: number | undefined; segments: Segment[] }>()
  for (let at = 24; at + 16 <= pcap.length; ) {
    const length = pcap.readUInt32LE(at + 8)
    const packet = pcap.subarray(at + 16, at + 16 + length)
    at += 16 + length
    if (packet.readUInt16BE(12) !== 0x0800 || packet.readUInt8(23) !== 6) continue
    const ip = packet.subarray(14, 14 + packet.readUInt16BE(16))
    const tcp = ip.subarray((ip.readUInt8(0) & 15) * 4)
    const port = tcp.readUInt16BE(2)
    if (!ports.includes(port)) continue
    const key = `${tcp.readUInt16BE(0)}-${port}`
    const connection = connections.get(key) ?? { port, start: undefined, segments: [] }
    connections.set(key, connection)
    const sequence = tcp.readUInt32BE(4)
    if (tcp.readUInt8(13) & 2) connection.start = (sequence + 1) >>> 0
    const payload = tcp.subarray((tcp.readUInt8(12) >> 4) * 4)
    if (payload.length > 0) connection.segments.push({ sequence, payload })
  }
  const streams = new Map<number, Buffer[]>(ports.map((port) => [port, []]))
  for (const { port, start, segments } of connections.values()) streams.get(port)?.push(joined(start ?? 0, segments))
  return streams
}

// A segment that was sent twice falls into the place where it was before.
function joined(start: number, segments: readonly Segment[]): Buffer {
  const placed = segments.map(({ sequence, payload }) => ({ at: (sequence - start) >>> 0, payload }))
  const stream = Buffer.alloc(Math.max(0, ...placed.map(({ at, payload }) => at + payload.length)))
  for (const { at, payload } of placed) payload.copy(stream, at)
  return stream
}
