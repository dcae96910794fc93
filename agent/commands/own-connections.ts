// Which devices this machine has a connection to already. A PLC is given one connection of ours: while the agent reads it, a
// second one for a look by hand could take the place of another client (Schneider's M218 closes the oldest).
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { UsageFault } from '#runtime/command-line.ts'
import type { AgentConfig, DeviceConfig } from '../config.ts'
import { transportOf } from '../modbus/transport.ts'
import { isModbus } from '../resolve.ts'

export interface Endpoint {
  host: string
  port: number
}

/** Undefined for a serial line. */
export function networkEndpoint(device: DeviceConfig): Endpoint | undefined {
  if (!isModbus(device)) {
    const { hostname, port } = new URL(device.endpoint.replace(/^opc\.tcp:/, 'http:'))
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 4840 : Number(port) }
  }
  const transport = transportOf(device)
  return transport.over === 'tcp' ? { host: transport.host, port: transport.port } : undefined
}

/** Rejects with UsageFault when one of the devices has a connection of this machine. */
export async function refuseSecondConnection(config: AgentConfig): Promise<void> {
  const connected = await connectedEndpoints()
  for (const device of config.devices) {
    const endpoint = networkEndpoint(device)
    if (endpoint === undefined || !(await isConnected(endpoint, connected))) continue
    const at = `${endpoint.host}:${endpoint.port}`
    throw new UsageFault(
      `本机已有到设备 ${device.id}（${at}）的连接，可能是正在运行的采集代理。每台设备只用一条连接；请先停止采集代理，或加 --second-connection`,
      `this machine is connected to device ${device.id} (${at}) already, perhaps by the running agent. A device is given one connection; stop the agent first, or add --second-connection`
    )
  }
}

export async function isConnected({ host, port }: Endpoint, connected: ReadonlySet<string>): Promise<boolean> {
  if (connected.size === 0) return false
  // A name that cannot be resolved has no connection.
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return addresses.some(({ address }) => !isLoopback(address) && connected.has(`${address}:${port}`))
}

// What answers on this machine itself is a simulator with clients of its own.
const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

/** Remote ends of the established TCP connections of this machine; empty where the system does not tell. */
export async function connectedEndpoints(): Promise<Set<string>> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'latin1').catch(() => '')))
  return new Set(tables.flatMap(remoteEnds))
}

// One line a connection: number, local and remote address as hex, state; 01 is established.
export function remoteEnds(table: string): string[] {
  return table.split('\n').flatMap((line) => {
    const match = /^\s*\d+: [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) 01 /.exec(line)
    if (match?.[1] === undefined || match[2] === undefined) return []
    return [`${addressOf(match[1])}:${Number.parseInt(match[2], 16)}`]
  })
}

// Words of 32 bits in the order of the machine; every machine that Node 24 runs Linux on here is little-endian.
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse()
  const mapped = bytes.length === 16 && bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))
  if (bytes.length === 4 || mapped) return [...bytes.subarray(-4)].join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  // The shortest form of an IPv6 address, as lookups give it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
