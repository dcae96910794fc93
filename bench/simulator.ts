// How fast the simulator's Modbus server answers, beside the ServerTCP of modbus-serial and a server of libmodbus in C, in turn in the
// same run and by the same client in C; then what a hundred PLCs cost. Each server runs in a process of its own. Needs gcc, libmodbus-dev.
// On idle cores it is mostly the waking of a sleeping core that is measured; `taskset -c 0 node bench/simulator.ts` keeps client and
// server on one core, so that their work is.
import { execFile, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const KINDS = ['penstock', 'modbus-serial', '100 PLCs', '100 waterworks'] as const
type Kind = (typeof KINDS)[number]

const MEASURE_MS = 200
const ROUNDS = 25

interface Load {
  connections: number
  outstanding: number
  registers: number
}

const run = promisify(execFile)

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

async function measure(child: Child, client: string, { connections, outstanding, registers }: Load): Promise<Measured> {
  const words = [child.ports[0] ?? 0, connections, outstanding, registers, MEASURE_MS].map(String)
  const cpu = await child.cpu()
  const { stdout } = await run(client, words)
  const used = (await child.cpu()) - cpu
  const [replies = 0, seconds = 1] = stdout.split(' ').map(Number)
  // The warm-up costs the server too, and is a sixth of the time.
  return { perSecond: replies / seconds, microseconds: (used * 5) / 6 / replies }
}

/** Builds a program of bench/peers in the folder. */
function built(folder: string, name: string, ...libraries: string[]): string {
  const program = join(folder, name)
  execFileSync('gcc', ['-O2', '-o', program, fileURLToPath(new URL(`peers/${name}.c`, import.meta.url)), ...libraries])
  return program
}

const quantile = (values: number[], share: number): number => values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0

/** libmodbus' server as a child process; it tells its cost as ours do. */
async function startC(program: string): Promise<Child> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)
  const line = async () => String((await once(lines, 'line'))[0])
  const ask = async (which: 0 | 1) => {
    const answer = line()
    child.stdin.write('\n')
    return Number((await answer).split(' ')[which])
  }
  const ports = [Number(await line())]
  return { ports, cpu: () => ask(0), rss: () => ask(1), stop: () => child.kill() }
}

async function comparePeers(folder: string): Promise<void> {
  const client = built(folder, 'raw-client')
  const libmodbus = await startC(built(folder, 'libmodbus-server', '-lmodbus'))
  const servers: Record<string, Child> = { penstock: await start('penstock'), 'modbus-serial': await start('modbus-serial'), libmodbus }
  const names = Object.keys(servers)
  console.log(`Modbus server: replies per second and server CPU per request over ${ROUNDS} interleaved rounds: those that a quarter of`)
  console.log(`the rounds surpass, and the median. Load of the machine before: ${loadavg()[0]?.toFixed(1)}`)
  for (const load of LOADS) {
    const rounds: Record<string, Measured>[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const round: Record<string, Measured> = {}
      for (const [name, server] of Object.entries(servers)) round[name] = await measure(server, client, load)
      rounds.push(round)
    }
    console.log(`  ${load.connections} connection(s), ${load.outstanding} outstanding, ${load.registers} registers:`)
    for (const name of names) {
      const rates = (share: number, who = name) =>
        quantile(
          rounds.map((round) => round[who]?.perSecond ?? 0),
          share
        )
      const cost = quantile(
        rounds.map((round) => round[name]?.microseconds ?? 0),
        0.5
      )
      const ratio = (share: number) => (rates(share, 'penstock') / rates(share)).toFixed(2)
      const told = name === 'penstock' ? '' : `; penstock answers ${ratio(0.75)} x as many (median ${ratio(0.5)})`
      console.log(`    ${name}: ${rates(0.75).toFixed(0)}/s (median ${rates(0.5).toFixed(0)}), ${cost.toFixed(1)} us${told}`)
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
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'))
  try {
    await comparePeers(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
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
