// Devices of several families on loopback, an agent that reads them all, and a broker that it publishes to: a plant simulator,
// servers of python3-pymodbus and libmodbus, and two OPC UA servers, each a process of its own.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Mosquitto, startMosquitto } from '../parts/mosquitto.ts'
import { ServerProcess } from '../parts/server-process.ts'
import { freePort, temporaryFolder } from '../parts/wait.ts'

const root = new URL('../../', import.meta.url).pathname
const part = (name: string) => join(root, 'test/parts', name)
export const SITE = 'device-town'
export const AGENT = 'edge-1'

export interface TownDevice {
  id: string
  /** How tshark is told to read its port. */
  dissector: 'mbtcp' | 'mbrtu' | 'opcua'
  port: number
  server: ServerProcess
  /** Where OPC UA servers write the names of the requests that came. */
  folder: string
}

export interface DeviceTown {
  folder: string
  broker: Mosquitto
  agent: ServerProcess
  devices: TownDevice[]
  config: { devices: AgentDevice[] }
  configFile: string
  stop(): Promise<void>
}

export interface AgentDevice {
  id: string
  protocol: string
  tags: { name: string; at?: string; node?: string; scale?: number }[]
  [key: string]: unknown
}

export const DEVICES = ['plant', 'pymodbus', 'pymodbus-rtu', 'libmodbus', 'opcua-secure', 'opcua-plain'] as const

export async function buildDeviceTown({ speed, devices: wanted }: { speed: number; devices: readonly string[] }): Promise<DeviceTown> {
  const folder = await temporaryFolder()
  const broker = await startMosquitto()
  const libmodbus = join(folder, 'libmodbus-server')
  execFileSync('gcc', ['-O2', '-o', libmodbus, part('third-party/libmodbus-server.c'), '-lmodbus'])
  const all = [
    await plant(folder, speed),
    await server('pymodbus', 'mbtcp', (port) => ['/usr/bin/python3', part('third-party/pymodbus-server.py'), String(port)]),
    await server('pymodbus-rtu', 'mbrtu', (port) => ['/usr/bin/python3', part('third-party/pymodbus-server.py'), String(port), 'rtu']),
    await server('libmodbus', 'mbtcp', (port) => [libmodbus, String(port)]),
    await opcua(folder, 'opcua-secure', []),
    await opcua(folder, 'opcua-plain', ['none'])
  ]
  const devices = all.filter(({ id }) => wanted.includes(id))
  const config = await agentConfig(folder, broker, devices)
  const configFile = join(folder, 'agent.yaml')
  writeFileSync(configFile, stringify(config))
  const agent = new ServerProcess({
    command: process.execPath,
    arguments: [join(root, 'penstock.js'), 'agent', 'run', '-c', configFile],
    answers: async () => true
  })
  const stop = async () => {
    await agent.kill('SIGTERM')
    for (const device of devices) await device.server.kill('SIGKILL')
    await broker.stop()
  }
  for (const device of devices) await device.server.start()
  return { folder, broker, agent, devices, config, configFile, stop }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // From an address that is not the agent's, which is counted.
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function server(id: string, dissector: TownDevice['dissector'], line: (port: number) => string[], folder = ''): Promise<TownDevice> {
  const port = await freePort()
  const [command = '', ...words] = line(port)
  const process = new ServerProcess({ command, arguments: words, answers: () => accepts(port), timeoutMs: 60_000 })
  return { id, dissector, port, server: process, folder }
}

async function plant(folder: string, speed: number): Promise<TownDevice> {
  return server('plant', 'mbtcp', (port) => {
    const file = join(folder, 'simulator.yaml')
    writeFileSync(file, stringify({ speed, seed: 7, modbus: { port }, timeline: [] }))
    return [process.execPath, join(root, 'penstock.js'), 'simulate', '-c', file]
  })
}

async function opcua(folder: string, id: string, words: string[]): Promise<TownDevice> {
  const own = join(folder, id)
  mkdirSync(own)
  return server(id, 'opcua', (port) => [process.execPath, part('opcua-pulse-server.ts'), String(port), own, '100', ...words], own)
}

// Every reading is sent: an unchanged value is due again before the next reading. Register 0 is the counter that all others follow.
const PULSE_TAGS = (prefix: string) => [
  ...Array.from({ length: 100 }, (_, a) => ({ name: `${prefix}.h${a}`, at: `holding ${a} uint16` })),
  { name: `${prefix}.h100`, at: 'holding 100 uint32' },
  { name: `${prefix}.h102`, at: 'holding 102 uint32 CDAB' },
  { name: `${prefix}.h104`, at: 'holding 104 uint32 BADC' },
  { name: `${prefix}.h106`, at: 'holding 106 uint32 DCBA' },
  ...Array.from({ length: 40 }, (_, a) => ({ name: `${prefix}.i${a}`, at: `input ${a} uint16` })),
  ...Array.from({ length: 24 }, (_, a) => ({ name: `${prefix}.c${a}`, at: `coil ${a}` })),
  ...Array.from({ length: 24 }, (_, a) => ({ name: `${prefix}.d${a}`, at: `discrete ${a}` }))
]

async function agentConfig(folder: string, broker: Mosquitto, devices: readonly TownDevice[]): Promise<DeviceTown['config']> {
  const example: { devices: AgentDevice[] } = parse(await readFile(join(root, 'deploy/examples/agent.yaml'), 'utf8'))
  const plantTags = example.devices[0]?.tags ?? []
  const forbidden = example.devices[0]?.['forbidden']
  const host = '127.0.0.1'
  const list = devices.map(({ id, dissector, port }): AgentDevice => {
    const address = { host, port, timeoutMs: 1000, connectTimeoutMs: 3000 }
    if (id === 'plant') return { id, protocol: 'modbus-tcp', ...address, forbidden, tags: plantTags }
    if (dissector === 'mbtcp') return { id, protocol: 'modbus-tcp', ...address, tags: PULSE_TAGS(id) }
    if (dissector === 'mbrtu') return { id, protocol: 'modbus-rtu-over-tcp', ...address, tags: PULSE_TAGS(id) }
    const plain = { policy: 'None', mode: 'None', insecure: true }
    const tags = Array.from({ length: 100 }, (_, i) => ({ name: `${id}.v${i}`, node: `ns=1;s=v${i}` }))
    const endpoint = `opc.tcp://${host}:${port}`
    return { id, protocol: 'opcua', endpoint, ...(id === 'opcua-plain' ? { security: plain } : {}), tags }
  })
  return {
    agent: AGENT,
    site: { id: SITE, title: { zh: '设备镇', en: 'Device town' }, sector: 'water' },
    broker: { url: broker.url },
    acknowledge: 'broker',
    outbox: { file: join(folder, 'outbox.db') },
    healthSeconds: 5,
    defaults: { cadenceMs: 1000, heartbeatMs: 100 },
    devices: list
  } as DeviceTown['config']
}
