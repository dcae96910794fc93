// What tshark, a dissector that this project did not write, makes of a capture: the requests of the agent by function or service,
// every register and bit that servers sent, and how many connections to a server were open at one time.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { atEnd } from '../parts/at-end.ts'
import { until } from '../parts/wait.ts'

// The simulated operator comes from another loopback address; this one is the agent's.
const AGENT_ADDRESS = '127.0.0.1'

export interface WireDevice {
  id: string
  dissector: 'mbtcp' | 'mbrtu' | 'opcua'
  port: number
}

const captures = new Set<ChildProcess>()
atEnd(() => {
  for (const child of captures) child.kill('SIGKILL')
})

/** Captures until the returned function is called. */
export async function captureTo(file: string, ports: readonly number[]): Promise<() => Promise<void>> {
  const filter = `tcp and (${ports.map((port) => `port ${port}`).join(' or ')})`
  const child = spawn('dumpcap', ['-i', 'lo', '-q', '-B', '32', '-w', file, '-f', filter], { stdio: ['ignore', 'ignore', 'pipe'] })
  captures.add(child)
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await until(() => output.includes('File:'), { what: 'dumpcap to begin' })
  return async () => {
    const gone = once(child, 'exit')
    child.kill('SIGINT')
    await gone
    captures.delete(child)
    const dropped = /received\/dropped on interface.*?:\s*\d+\/(\d+)/.exec(output)?.[1]
    if (dropped !== undefined && dropped !== '0') throw new Error(`the capture lost ${dropped} packets`)
  }
}

/** One line of fields for each packet that passes the filter. */
async function* packets(
  file: string,
  devices: readonly WireDevice[],
  filter: string,
  fields: readonly string[]
): AsyncGenerator<string[], void, undefined> {
  // Only with its port among the known ones does the dissector tell replies from requests.
  const known = (dissector: string) => devices.filter((device) => device.dissector === dissector).map(({ port }) => port)
  const decode = [
    ...devices.flatMap(({ port, dissector }) => ['-d', `tcp.port==${port},${dissector}`]),
    ...['mbtcp', 'mbrtu'].flatMap((dissector) => ['-o', `${dissector}.tcp.port:${known(dissector).join(',')}`])
  ]
  const output = ['-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=a', ...fields.flatMap((field) => ['-e', field])]
  const child = spawn('tshark', ['-r', file, '-n', ...decode, '-Y', filter, ...output], { stdio: ['ignore', 'pipe', 'ignore'] })
  captures.add(child)
  const gone = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) yield line.split('|')
  const [code] = await gone
  captures.delete(child)
  if (code !== 0) throw new Error(`tshark ended with ${code}`)
}

/** Requests of the agent by device and function code or service number. */
export async function requestsOf(file: string, devices: readonly WireDevice[]): Promise<Map<string, Map<number, number>>> {
  const counts = new Map(devices.map(({ id }) => [id, new Map<number, number>()]))
  const fields = ['tcp.dstport', 'modbus.func_code', 'opcua.servicenodeid.numeric']
  const filter = `ip.src == ${AGENT_ADDRESS} and (modbus or opcua)`
  for await (const [port, functions, services] of packets(file, devices, filter, fields)) {
    const device = devices.find((one) => one.port === Number(port))
    const count = device === undefined ? undefined : counts.get(device.id)
    for (const code of `${functions},${services}`.split(',').filter((text) => text !== ''))
      count?.set(Number(code), (count.get(Number(code)) ?? 0) + 1)
  }
  return counts
}

export interface Connections {
  made: number
  mostAtOnce: number
}

/** A connection begins with its SYN and ends with the agent's FIN or with a RST of either side. */
export async function connectionsOf(file: string, devices: readonly WireDevice[]): Promise<Map<string, Connections>> {
  const result = new Map(devices.map(({ id }) => [id, { made: 0, mostAtOnce: 0 }]))
  const open = new Map<string, Set<string>>()
  const fields = ['ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport', 'tcp.flags.syn', 'tcp.flags.fin', 'tcp.flags.reset']
  const filter = `ip.addr == ${AGENT_ADDRESS} and (tcp.flags.syn == 1 or tcp.flags.fin == 1 or tcp.flags.reset == 1)`
  for await (const [from, to, source = '', target = '', syn = '', fin = '', reset = ''] of packets(file, devices, filter, fields)) {
    const server = devices.find((one) => one.port === Number(target)) ?? devices.find((one) => one.port === Number(source))
    const isFromAgent = server?.port === Number(target)
    if (server === undefined || (isFromAgent ? from : to) !== AGENT_ADDRESS) continue
    const own = open.get(server.id) ?? new Set()
    open.set(server.id, own)
    const client = isFromAgent ? source : target
    const set = (flag: string) => flag === '1' || flag === 'True'
    const tally = result.get(server.id)
    if (tally === undefined) continue
    if (isFromAgent && set(syn) && !own.has(client)) {
      own.add(client)
      tally.made++
      tally.mostAtOnce = Math.max(tally.mostAtOnce, own.size)
    }
    if (set(reset) || (isFromAgent && set(fin))) own.delete(client)
  }
  return result
}

export interface Served {
  time: number
  value: number
}

/** What a server sent for each register and bit, by `table address`, in the order of time. */
export async function servedBy(file: string, device: WireDevice, devices: readonly WireDevice[]): Promise<Map<string, Served[]>> {
  const served = new Map<string, Served[]>()
  const fields = ['frame.time_epoch', 'modbus.func_code', 'modbus.regnum16', 'modbus.regval_uint16', 'modbus.bitnum', 'modbus.bitval']
  const filter = `ip.dst == ${AGENT_ADDRESS} and tcp.srcport == ${device.port} and modbus and !modbus.exception_code`
  for await (const [time = '', code = '', registers = '', values = '', bits = '', states = ''] of packets(file, devices, filter, fields)) {
    const table = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' }[code]
    const isBits = code === '1' || code === '2'
    const places = (isBits ? bits : registers).split(',')
    const read = (isBits ? states : values).split(',')
    for (const [i, place] of places.entries()) {
      const key = `${table} ${place}`
      const list = served.get(key) ?? []
      served.set(key, list)
      list.push({ time: Number(time) * 1000, value: read[i] === 'True' || read[i] === '1' ? 1 : Number(read[i] === 'False' ? 0 : read[i]) })
    }
  }
  return served
}
