// CPU per 1,000 registers of four Modbus clients against one server of a fifth family, in turn, as medians; and the memory of an
// agent with 1, 1,000 and 10,000 tags. node bench/modbus-peers.ts [rounds]. Needs gcc, libmodbus-dev and python3-pymodbus.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startMosquitto } from '../test/parts/mosquitto.ts'
import { ServerProcess } from '../test/parts/server-process.ts'
import { freePort, temporaryFolder, until } from '../test/parts/wait.ts'
import { costOf } from './parts/agent-cost.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const peer = (name: string) => join(ROOT, 'bench/peers', name)
const READS = 20_000
const Result = z.object({ cpuSeconds: z.number(), registers: z.int().min(1) })

function compile(source: string, target: string): string {
  execFileSync('gcc', ['-O2', '-o', target, source, '-lmodbus'])
  return target
}

function microsecondsPerThousand([command = '', ...words]: readonly string[], port: number): number {
  const output = execFileSync(command, [...words, String(port), String(READS)], { encoding: 'utf8', cwd: ROOT })
  const { cpuSeconds, registers } = Result.parse(JSON.parse(output))
  return (1e6 * cpuSeconds * 1000) / registers
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

async function clients(rounds: number): Promise<void> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const server = new ServerProcess({
    command: compile(join(ROOT, 'test/parts/third-party/libmodbus-server.c'), join(folder, 'server')),
    arguments: [String(port)],
    answers: async () => true
  })
  await server.start()
  await sleep(500)
  const contenders: Record<string, string[]> = {
    'libmodbus (C)': [compile(peer('libmodbus-client.c'), join(folder, 'client'))],
    'the agent, decoding': [process.execPath, peer('penstock-client.ts')],
    'bare modbus-serial': [process.execPath, peer('modbus-serial-client.ts')],
    'python3-pymodbus': ['/usr/bin/python3', peer('pymodbus-client.py')]
  }
  const times = new Map(Object.keys(contenders).map((name): [string, number[]] => [name, []]))
  try {
    for (let round = 0; round < rounds; round++)
      for (const [name, command] of Object.entries(contenders)) times.get(name)?.push(microsecondsPerThousand(command, port))
  } finally {
    await server.kill()
  }
  const limit = median(times.get('libmodbus (C)') ?? [])
  console.log(`CPU per 1,000 registers, ${READS} reads of 125 on one connection, median of ${rounds} rounds:`)
  for (const [name, list] of times)
    console.log(`  ${name.padEnd(22)} ${median(list).toFixed(0).padStart(6)} µs  ${(median(list) / limit).toFixed(1)} x libmodbus`)
}

// Answers every read of registers with zeros, so that only the agent is busy.
async function zeroPlc(): Promise<{ port: number; stop: () => void }> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (request) => {
      const count = request.readUInt16BE(10)
      const reply = Buffer.alloc(9 + 2 * count)
      request.copy(reply, 0, 0, 8)
      reply.writeUInt16BE(3 + 2 * count, 4)
      reply.writeUInt8(2 * count, 8)
      socket.write(reply)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, stop: () => server.close() }
}

async function memory(tags: number): Promise<void> {
  await using mosquitto = await startMosquitto()
  const each = Math.min(tags, 1000)
  const plcs = await Promise.all(Array.from({ length: Math.ceil(tags / each) }, () => zeroPlc()))
  const folder = await temporaryFolder()
  const file = join(folder, 'agent.yaml')
  const devices = plcs.map(({ port }, d) => ({
    id: `plc-${d}`,
    protocol: 'modbus-tcp',
    host: '127.0.0.1',
    port,
    budget: { requestsPerSecond: 20 },
    tags: Array.from({ length: each }, (_, t) => ({ name: `p${d}.v${t}`, at: `holding ${2 * t} float32` }))
  }))
  const site = { id: 'bench', title: { zh: '基准', en: 'Bench' }, sector: 'water' }
  writeFileSync(
    file,
    JSON.stringify({
      agent: 'edge-1',
      site,
      broker: { url: mosquitto.url },
      acknowledge: 'broker',
      outbox: { file: join(folder, 'outbox.db') },
      devices
    })
  )
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  // The check leaves the compiled code behind, as the service unit does.
  execFileSync(process.execPath, [join(ROOT, 'penstock.js'), 'agent', 'check', '-c', file], { env })
  const agent = spawn(process.execPath, [join(ROOT, 'penstock.js'), 'agent', '-c', file], { env, stdio: 'ignore' })
  const gone = once(agent, 'exit')
  try {
    const pid = await until(() => agent.pid, { what: 'the agent' })
    await sleep(20_000)
    console.log(`  ${String(tags).padStart(6)} tag(s) at 1 s: RSS ${costOf(pid).rssMb.toFixed(0)} MB after 20 s`)
  } finally {
    agent.kill('SIGTERM')
    await gone
    for (const plc of plcs) plc.stop()
  }
}

await clients(Number(process.argv[2] ?? 5))
console.log('Memory of the agent over Modbus TCP:')
for (const tags of [1, 1000, 10_000]) await memory(tags)
