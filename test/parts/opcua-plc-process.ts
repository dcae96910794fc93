// A simulated PLC with OPC UA in a process of its own, so that it can be frozen, killed and started again: the waterworks, or any
// number of values that change all the time. Started by startOpcuaPlc; as a program it takes its options as JSON.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { quietLog } from '#runtime/log.ts'
import { OpcuaServerConfig } from '../../simulators/plc/opcua-config.ts'
import type { Failure, Point } from '../../simulators/plc/opcua-point.ts'
import { atEnd } from './at-end.ts'
import { freePort, temporaryFolder } from './wait.ts'

export interface OpcuaPlcProcessOptions {
  port?: number
  /** The folder of its keys, to be the same server again. */
  pki?: string
  /** More of the opcua part of a scenario; by default an open, unprotected server that anybody may read. */
  opcua?: object
  /** So many values named v.0, v.1, ... in place of the waterworks. */
  values?: number
}

export interface OpcuaPlcProcess extends AsyncDisposable {
  readonly port: number
  readonly endpoint: string
  /** Its certificate as DER. */
  readonly certificate: Buffer
  readonly pid: number
  fail(tag: string, failure: Failure): void
  repair(tag: string): void
  /** Writes as an operator at the panel does, past OPC UA. */
  write(tag: string, value: number | boolean): void
  /** Resolves when it is gone; SIGSTOP and SIGCONT only freeze and wake it. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port with the same keys. */
  restart(): Promise<void>
}

type Command = { fail: string; failure: Failure } | { repair: string } | { write: string; value: number | boolean }

const OPEN = { anonymous: 'observer', security: { policies: ['None'], modes: ['None'] } }

const alive = new Set<ChildProcess>()
atEnd(() => {
  for (const child of alive) child.kill('SIGKILL')
})

export async function startOpcuaPlc(options: OpcuaPlcProcessOptions = {}): Promise<OpcuaPlcProcess> {
  const port = options.port ?? (await freePort())
  const pki = options.pki ?? join(await temporaryFolder(), 'pki')
  const all = { values: options.values ?? 0, opcua: { ...(options.opcua ?? OPEN), port, pki } }
  let { child, certificate } = await spawnPlc(all)
  const tell = (command: Command) => void child.stdin?.write(`${JSON.stringify(command)}\n`)
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await gone
  }
  return {
    port,
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    get certificate() {
      return certificate
    },
    get pid() {
      return child.pid ?? 0
    },
    fail: (tag, failure) => tell({ fail: tag, failure }),
    repair: (tag) => tell({ repair: tag }),
    write: (tag, value) => tell({ write: tag, value }),
    kill,
    async restart() {
      await kill()
      // Whoever tried to reach it meanwhile may by chance have been given this very port for his own end.
      for (let attempt = 1; ; attempt++) {
        try {
          ;({ child, certificate } = await spawnPlc(all))
          return
        } catch (error) {
          if (attempt === 10) throw error
          await sleep(500)
        }
      }
    },
    [Symbol.asyncDispose]: () => kill('SIGKILL')
  }
}

async function spawnPlc(options: object): Promise<{ child: ChildProcess; certificate: Buffer }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  // Commands to a PLC that has been killed are lost, as they should be.
  child.stdin.on('error', () => {})
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('certificate ')) continue
    child.stdout.resume()
    return { child, certificate: Buffer.from(line.slice(12), 'base64') }
  }
  throw new Error('the OPC UA PLC ended before it answered')
}

async function serve(options: { values: number; opcua: object }): Promise<void> {
  // Whoever started us is gone when our input ends.
  process.stdin.on('end', () => process.exit())
  const { plc, points } = await (options.values > 0 ? serveValues(options) : serveWater(options.opcua))
  console.log(`certificate ${plc.certificate.toString('base64')}`)
  for await (const line of createInterface({ input: process.stdin })) {
    const command: Command = JSON.parse(line)
    if ('fail' in command) plc.fail(command.fail, command.failure)
    else if ('repair' in command) plc.repair(command.repair)
    else {
      const point = points.find(({ tag }) => tag === command.write)
      if (point?.type === 'Boolean') point.write?.(command.value === true)
      else point?.write?.(Number(command.value))
    }
  }
}

async function serveWater(opcua: object) {
  const { Scenario } = await import('../../simulators/scenario.ts')
  const { Simulator } = await import('../../simulators/simulator.ts')
  const config = Scenario.parse({ modbus: { port: 0 }, operator: { enabled: false }, opcua })
  const simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
  if (simulator.opcua === undefined) throw new Error('no OPC UA server')
  return { plc: simulator.opcua, points: simulator.opcua.points }
}

async function serveValues({ values, opcua }: { values: number; opcua: object }) {
  const { OpcuaPlc } = await import('../../simulators/plc/opcua-plc.ts')
  const points = Array.from({ length: values }, (_, i): Point => {
    const range = { low: -1e6, high: 1e6 }
    const title = { zh: `数值 ${i}`, en: `Value ${i}` }
    return { ...{ tag: `v.${i}`, title, kind: 'measurement', type: 'Float', range }, read: () => 20 + Math.random() }
  })
  const config = OpcuaServerConfig.parse(opcua)
  const plc = new OpcuaPlc({ name: 'values', points, alarms: [], config, log: quietLog() })
  await plc.start()
  return { plc, points }
}

const [program, options] = process.argv.slice(1)
if (program === fileURLToPath(import.meta.url) && options !== undefined) await serve(JSON.parse(options))
