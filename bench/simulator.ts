// How fast the simulator's Modbus server answers, beside the ServerTCP of modbus-serial and a server of libmodbus in C, in turn in the
// same run and by the same raw client; then what a hundred PLCs cost. Each server runs in a process of its own. Needs gcc, libmodbus-dev.
import { execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const KINDS = ['penstock', 'modbus-serial', '100 PLCs', '100 waterworks'] as const
type Kind = (typeof KINDS)[number]

const MEASURE_MS = 500
const ROUNDS = 11
const FRAME_BYTES = 12

interface Load {
  connections: number
  outstanding: number
  registers: number
}

const LOADS: readonly Load[] = [
  { connections: 1, outstanding: 1, registers: 10 },
  { connections: 1, outstanding: 1, registers: 125 },
  { connections: 1, outstanding: 16, registers: 10 },
  { connections: 1, outstanding: 256, registers: 10 },
  { connections: 50, outstanding: 1, registers: 10 }
]

interface Measured {
  perSecond: number
  microseconds: number
}

// --- the servers, in a child process that loads only what it serves
const LISTEN = { port: 0, maxConnections: 1000 }

async function serve(kind: Kind): Promise<number[]> {
  switch (kind) {
    case 'penstock':
      return [await servePlain()]
    case 'modbus-serial':
      return [await servePeer()]
    case '100 PLCs':
      return Promise.all(Array.from({ length: 100 }, servePlain))
    case '100 waterworks':
      return Promise.all(Array.from({ length: 100 }, (_, seed) => serveWaterworks(seed)))
  }
}

async function servePlain(): Promise<number> {
  const { ModbusPlc, ModbusServerConfig } = await import('../simulators/plc/modbus-plc.ts')
  const { RegisterImage } = await import('../simulators/plc/register-image.ts')
  const image = new RegisterImage({ coils: [], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 199]] })
  for (let i = 0; i < 200; i++) image.holdingRegisters[i] = i
  const server = new ModbusPlc({ image, config: ModbusServerConfig.parse(LISTEN) })
  await server.start()
  return server.port
}

async function serveWaterworks(seed: number): Promise<number> {
  const { ModbusPlc, ModbusServerConfig } = await import('../simulators/plc/modbus-plc.ts')
  const { createWaterPlc } = await import('../simulators/plc/water-plc.ts')
  const { plc } = createWaterPlc({ seed, startSeconds: 8 * 3600 })
  const server = new ModbusPlc({ image: plc.image, config: ModbusServerConfig.parse(LISTEN) })
  await server.start()
  setInterval(() => plc.scan(), plc.scanMs)
  return server.port
}

async function servePeer(): Promise<number> {
  const { default: modbus } = await import('modbus-serial')
  return new Promise((resolve, reject) => {
    const vector = { getHoldingRegister: (address: number) => address }
    const server = new modbus.ServerTCP(vector, { host: '127.0.0.1', port: 0, unitID: 1 })
    server.on('initialized', () => {
      // The type declarations leave out the net.Server inside.
      const inner = Reflect.get(server, '_server') as { address(): { port: number } }
      resolve(inner.address().port)
    })
    server.on('serverError', reject)
  })
}

// --- the client
const request = (transaction: number, registers: number): Buffer =>
  Buffer.from([transaction >> 8, transaction & 0xff, 0, 0, 0, 6, 1, 3, 0, 0, registers >> 8, registers & 0xff])

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Keeps so many requests outstanding on a connection and counts the replies; wrong bytes end the run. */
function drive(socket: Socket, { outstanding, registers }: Load, onReplies: (count: number) => void): void {
  const size = 9 + registers * 2
  const block = Buffer.alloc(FRAME_BYTES * outstanding)
  let transaction = 0
  let rest = 0
  const send = (count: number) => {
    for (let i = 0; i < count; i++) {
      transaction = (transaction + 1) & 0xffff
      request(transaction, registers).copy(block, i * FRAME_BYTES)
    }
    socket.write(Buffer.from(block.subarray(0, count * FRAME_BYTES)))
  }
  socket.on('data', (chunk) => {
    if (rest === 0 && chunk.length >= size && (chunk[7] !== 3 || chunk[8] !== registers * 2)) throw new Error('a wrong reply')
    const bytes = rest + chunk.length
    const count = Math.floor(bytes / size)
    rest = bytes % size
    onReplies(count)
    if (count > 0) send(count)
  })
  send(outstanding)
}

interface Child {
  ports: number[]
  cpu(): Promise<number>
  rss(): Promise<number>
  stop(): void
}

function start(kind: Kind): Promise<Child> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', kind], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ask = <T>(question: string): Promise<T> =>
    new Promise((resolve) => {
      child.once('message', (answer) => resolve(answer as T))
      child.send(question)
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('message', (ports) =>
      resolve({ ports: ports as number[], cpu: () => ask<number>('cpu'), rss: () => ask<number>('rss'), stop: () => child.kill() })
    )
  })
}

async function measure(child: Child, load: Load): Promise<Measured> {
  const [port = 0] = child.ports
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(port)))
  let replies = 0
  const count = (more: number) => {
    replies += more
  }
  for (const socket of sockets) drive(socket, load, count)
  await sleep(300)
  const [begin, cpu, before] = [performance.now(), await child.cpu(), replies]
  await sleep(MEASURE_MS)
  const [answered, seconds] = [replies - before, (performance.now() - begin) / 1000]
  const used = (await child.cpu()) - cpu
  for (const socket of sockets) socket.destroy()
  return { perSecond: answered / seconds, microseconds: used / answered }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0

/** libmodbus' server as a child process; it tells its cost as ours do. */
async function startC(): Promise<Child> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'))
  const program = join(folder, 'server')
  execFileSync('gcc', ['-O2', '-o', program, fileURLToPath(new URL('peers/libmodbus-server.c', import.meta.url)), '-lmodbus'])
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const line = async () => String((await once(lines, 'line'))[0])
  const ask = async (which: 0 | 1) => {
    const answer = line()
    child.stdin.write('\n')
    return Number((await answer).split(' ')[which])
  }
  const ports = [Number(await line())]
  const stop = () => {
    child.kill()
    rmSync(folder, { recursive: true })
  }
  return { ports, cpu: () => ask(0), rss: () => ask(1), stop }
}

async function comparePeers(): Promise<void> {
  const servers = { penstock: await start('penstock'), 'modbus-serial': await start('modbus-serial'), libmodbus: await startC() }
  console.log(`Modbus server: replies per second and server CPU per request, median of ${ROUNDS} interleaved runs`)
  for (const load of LOADS) {
    const runs = Object.values(servers).map((): Measured[] => [])
    for (let i = 0; i < ROUNDS; i++)
      for (const [at, server] of Object.values(servers).entries()) runs[at]?.push(await measure(server, load))
    console.log(`  ${load.connections} connection(s), ${load.outstanding} outstanding, ${load.registers} registers:`)
    const rates = runs.map((list) => median(list.map(({ perSecond }) => perSecond)))
    for (const [at, name] of Object.keys(servers).entries()) {
      const cost = median((runs[at] ?? []).map(({ microseconds }) => microseconds))
      const ratio = at === 0 ? '' : `; penstock answers ${((rates[0] ?? 0) / (rates[at] ?? 1)).toFixed(2)} x as many`
      console.log(`    ${name}: ${(rates[at] ?? 0).toFixed(0)}/s, ${cost.toFixed(1)} us${ratio}`)
    }
  }
  for (const [name, server] of Object.entries(servers)) {
    console.log(`  memory of ${name}: ${megabytes(await server.rss())}`)
    server.stop()
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

/** A hundred PLCs, each polled once a second. */
async function hundred(kind: Kind, requests: readonly Buffer[]): Promise<void> {
  const child = await start(kind)
  const sockets = await Promise.all(child.ports.map(open))
  let bytes = 0
  for (const socket of sockets)
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
  const poll = () => {
    for (const socket of sockets) socket.write(Buffer.concat(requests))
  }
  poll()
  await sleep(1000)
  const [begin, cpu, before] = [performance.now(), await child.cpu(), bytes]
  for (let i = 0; i < 5; i++) {
    poll()
    await sleep(1000)
  }
  const share = ((await child.cpu()) - cpu) / 1000 / (performance.now() - begin)
  const rate = (bytes - before) / 5 / 1000
  console.log(`  ${kind}: ${(share * 100).toFixed(1)} % of a core, ${megabytes(await child.rss())}, ${rate.toFixed(1)} kB/s of replies`)
  for (const socket of sockets) socket.destroy()
  child.stop()
}

async function main(): Promise<void> {
  await comparePeers()
  console.log('A hundred PLCs in one process, each polled every second')
  await hundred('100 PLCs', [request(1, 100)])
  const pdus = [4, 23, 3, 7, 1, 5, 2, 8]
  const whole = [0, 1, 2, 3].map((i) => Buffer.from([0, i, 0, 0, 0, 6, 1, pdus[i * 2] ?? 0, 0, 0, 0, pdus[i * 2 + 1] ?? 0]))
  await hundred('100 waterworks', whole)
}

if (process.argv[2] === 'serve') {
  process.on('message', (question) => process.send?.(question === 'cpu' ? cpuMicroseconds() : process.memoryUsage.rss()))
  process.on('disconnect', () => process.exit())
  const kind = KINDS.find((name) => name === process.argv[3])
  if (kind !== undefined) process.send?.(await serve(kind))
} else {
  await main()
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
