// The agent of a live run as a process of its own, with the config that a utility would write for this PLC.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mapOf } from '../simulators/maps.ts'
import type { Scenario } from '../simulators/scenario.ts'
import type { Simulator } from '../simulators/simulator.ts'
import { agentManners } from '../simulators/sparing.ts'
import { agentConfigOf } from './agent-config.ts'
import type { Login } from './live-broker.ts'
import { PROGRAM } from './live-centre.ts'
import { LiveProcess, type LiveProcessOptions } from './live-process.ts'

type OpcuaConfig = NonNullable<Scenario['opcua']>

/** The user as whom our agent signs in at the OPC UA server; audit events are told to administrators only. */
const OPCUA_USER = 'penstock'
const OPCUA_TAG = 'tower.level'

export interface LiveAgentOptions extends Pick<LiveProcessOptions, 'onLost'> {
  folder: string
  scenario: Scenario
  login: Login & { id: string }
  signal: AbortSignal
}

interface Places {
  simulator: Simulator
  brokerPort: number
}

export class LiveAgent implements AsyncDisposable {
  readonly #options: LiveAgentOptions
  readonly #file: string
  readonly #process: LiveProcess
  #places: Places | null = null
  #over = false

  constructor(options: LiveAgentOptions) {
    const { folder, onLost } = options
    this.#options = options
    this.#file = join(folder, 'agent.yaml')
    const words = [PROGRAM, 'agent', 'run', '-c', this.#file]
    this.#process = new LiveProcess({ name: 'agent', command: process.execPath, words, log: join(folder, 'agent.log'), onLost })
  }

  get opcuaUser(): { name: string; file: string } {
    return { name: OPCUA_USER, file: join(this.#options.folder, 'agent-password') }
  }

  async write(places: Places, without: readonly string[] = []): Promise<void> {
    const { folder, scenario, login } = this.#options
    this.#places = places
    const { simulator, brokerPort } = places
    const broker = {
      url: `mqtt://127.0.0.1:${brokerPort}`,
      username: login.name,
      password: { file: join(folder, 'agent-password') }
    }
    const { yaml } = agentConfigOf({
      ...{ map: mapOf(scenario.plant), site: scenario.site, agent: login.id, broker, without, ...agentManners(scenario) },
      outbox: join(folder, 'agent', 'outbox.db'),
      port: simulator.pathPort === 0 ? simulator.modbusPort : simulator.pathPort
    })
    await mkdir(join(folder, 'agent', 'opcua', 'trusted'), { recursive: true, mode: 0o700 })
    await writeFile(this.#file, yaml + (await this.#opcuaDevice(simulator)), { mode: 0o600 })
  }

  /** Does nothing once the run is over: what then undoes an attack on the agent must not bring it back. */
  async start(): Promise<void> {
    if (!this.#over && !this.#process.running) await this.#process.start([/"Connected to the broker\."/], this.#options.signal)
  }

  /** As a process is killed: without a goodbye. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }

  async reload(without: readonly string[]): Promise<void> {
    if (this.#over) return
    if (this.#places === null) throw new Error('the agent has no config yet')
    await this.write(this.#places, without)
    this.#process.tell('SIGHUP')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    await this.#process.end()
  }

  // A second device beside the Modbus one: what the OPC UA server tells of its clients comes through it.
  async #opcuaDevice({ opcua, site }: Simulator): Promise<string> {
    if (opcua === undefined) return ''
    await writeFile(join(this.#options.folder, 'agent', 'opcua', 'trusted', 'plc.der'), opcua.certificate)
    const device = {
      ...{ id: 'plc-1-opcua', protocol: 'opcua', endpoint: `opc.tcp://127.0.0.1:${opcua.port}` },
      user: { name: OPCUA_USER, password: { file: this.opcuaUser.file } },
      tags: [{ name: `opcua.${OPCUA_TAG}`, node: `nsu=urn:penstock:plc:${site};s=${OPCUA_TAG}` }]
    }
    return `  - ${JSON.stringify(device)}\n`
  }
}

/** The OPC UA face on a free port of this machine, with its certificates in the folder and a user for our agent. */
export function opcuaFor(config: OpcuaConfig, { folder, opcua }: { folder: string; opcua: { name: string; file: string } }): OpcuaConfig {
  const ours = { name: opcua.name, password: { file: opcua.file }, role: 'administrator' as const }
  const users = [...config.users.filter(({ name }) => name !== ours.name), ours]
  return { ...config, host: '127.0.0.1', port: 0, pki: join(folder, 'opcua'), users }
}
