// What an agent costs: 10,000 tags a second from 20 PLCs through outbox and a real Mosquitto, and a small agent at rest.
// node bench/agent-polling.ts [seconds]; the agent is the real program in a process of its own, watched through /proc.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startMosquitto } from '../test/parts/mosquitto.ts'
import { temporaryFolder } from '../test/parts/wait.ts'
import { costOf, BENCH_AGENT as NAME, startCollector } from './parts/agent-cost.ts'

const PLCS = 20
const TAGS_PER_PLC = 500
const ROOT = fileURLToPath(new URL('..', import.meta.url))
// Lean: as a service is best started, with compiled code kept on disk, which spares Node the 20 MB of its TypeScript stripper.
const LEAN = ['--max-semi-space-size=1', '--no-opt', '--no-maglev']
const LIBRARIES = ['modbus-serial', 'mqtt', 'zod', 'pino', 'yaml']

// PLCs that answer every read of registers at once; each answer differs from the one before, so every sample is news.
async function servePlcs(): Promise<void> {
  const ports: number[] = []
  for (let i = 0; i < PLCS; i++) {
    const server = createServer({ noDelay: true }, (socket) => answer(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address !== null && typeof address === 'object') ports.push(address.port)
  }
  process.stdout.write(`${JSON.stringify(ports)}\n`)
}

function answer(socket: Socket): void {
  let round = 0
  socket.on('error', () => {})
  socket.on('data', (request) => {
    const count = request.readUInt16BE(10)
    const reply = Buffer.alloc(9 + 2 * count)
    request.copy(reply, 0, 0, 8)
    reply.writeUInt16BE(3 + 2 * count, 4)
    reply.writeUInt8(2 * count, 8)
    round++
    for (let i = 0; i + 1 < count; i += 2) reply.writeFloatBE(20 + Math.sin((round + i) / 10) + Math.random() / 100, 9 + 2 * i)
    socket.write(reply)
  })
}

function configOf(ports: readonly number[], url: string, file: string, tagsEach: number): unknown {
  return {
    ...{ agent: NAME.agent, broker: { url }, outbox: { file } },
    site: { id: NAME.site, title: { zh: '基准', en: 'Bench' }, sector: 'water' },
    devices: ports.map((port, d) => ({
      id: `plc-${d}`,
      protocol: 'modbus-tcp',
      host: '127.0.0.1',
      port,
      budget: { requestsPerSecond: 10 },
      tags: Array.from({ length: tagsEach }, (_, t) => ({ name: `plc${d}.value${t}`, at: `holding ${2 * t} float32`, unit: 'm3/h' }))
    }))
  }
}

interface Start {
  flags: readonly string[]
  /** A folder for compiled code, or none. */
  cache?: string
}

const describe = ({ flags, cache }: Start) => `node ${flags.join(' ')}${cache === undefined ? '' : ' with a compile cache'}`

function start(
  args: readonly string[],
  { output = 'ignore', cache }: { output?: 'pipe' | 'ignore'; cache?: string | undefined } = {}
): ChildProcess {
  const env = { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) }
  return spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', output, 'inherit'] })
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

async function startAgent(config: unknown, { flags, cache }: Start): Promise<ChildProcess & { pid: number }> {
  const file = join(await temporaryFolder(), 'agent.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config))
  // As the service unit does it; the check leaves the compiled code behind for the run.
  await once(start([...flags, 'penstock.js', 'agent', 'check', '-c', file], { cache }), 'exit')
  const child = start([...flags, 'penstock.js', 'agent', '-c', file], { cache })
  if (child.pid === undefined) throw new Error('the agent did not start')
  return Object.assign(child, { pid: child.pid })
}

async function busy(seconds: number, ports: readonly number[], how: Start): Promise<void> {
  await using mosquitto = await startMosquitto()
  const collector = await startCollector(mosquitto.url)
  const agent = await startAgent(configOf(ports, mosquitto.url, join(await temporaryFolder(), 'outbox.db'), TAGS_PER_PLC), how)
  await sleep(10_000)
  const before = { cost: costOf(agent.pid), samples: collector.samples(), bytes: collector.bytes(), at: performance.now() }
  await sleep(seconds * 1000)
  const after = { cost: costOf(agent.pid), samples: collector.samples(), bytes: collector.bytes(), at: performance.now() }
  const span = (after.at - before.at) / 1000
  const samples = after.samples - before.samples
  console.log(`${PLCS} PLCs x ${TAGS_PER_PLC} float32 each second, all of them news, for ${span.toFixed(0)} s, ${describe(how)}:`)
  console.log(`  ${(samples / span).toFixed(0)} samples/s arrived, ${((after.bytes - before.bytes) / samples).toFixed(2)} bytes each`)
  console.log(`  CPU ${((100 * (after.cost.cpuSeconds - before.cost.cpuSeconds)) / span).toFixed(1)} % of one core (goal: under 15)`)
  console.log(`  RSS ${after.cost.rssMb.toFixed(0)} MB, peak ${after.cost.peakMb.toFixed(0)} MB (goal: under 150)`)
  await end(agent)
  await collector.stop()
}

async function idle(ports: readonly number[], how: Start): Promise<void> {
  await using mosquitto = await startMosquitto()
  const agent = await startAgent(configOf(ports.slice(0, 1), mosquitto.url, join(await temporaryFolder(), 'outbox.db'), 40), how)
  const program = `Promise.all(${JSON.stringify(LIBRARIES)}.map((name) => import(name))).then(() => setInterval(() => {}, 1000))`
  const bare = start([...how.flags, '-e', program])
  await sleep(20_000)
  const [own, libraries] = [costOf(agent.pid), costOf(bare.pid ?? 0)]
  console.log(`One PLC, 40 tags each second, after 20 s, ${describe(how)}:`)
  console.log(
    `  RSS ${own.rssMb.toFixed(1)} MB (goal: under 80), peak ${own.peakMb.toFixed(1)} MB; bare Node with ${LIBRARIES.join(', ')}: ${libraries.rssMb.toFixed(1)} MB`
  )
  await Promise.all([end(agent), end(bare)])
}

async function main(seconds: number): Promise<void> {
  const plcs = start(['bench/agent-polling.ts', 'plcs'], { output: 'pipe' })
  if (plcs.stdout === null) throw new Error('the PLCs have no output')
  const [line] = await once(plcs.stdout, 'data')
  const ports: number[] = JSON.parse(String(line))
  try {
    for (const how of [{ flags: LEAN, cache: await temporaryFolder() }, { flags: [] }]) {
      await idle(ports, how)
      await busy(seconds, ports, how)
    }
  } finally {
    await end(plcs)
  }
}

const [word] = process.argv.slice(2)
if (word === 'plcs') await servePlcs()
else await main(Number(word ?? 30))
