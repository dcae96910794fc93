// The OPC UA face of a PLC as an attacker may change it: the same points behind another certificate, or without any protection.
// A change restarts the server on the same port, as a machine that takes its place would. The library is loaded with the first.
import { join } from 'node:path'
import type { OpcuaServerConfig } from './opcua-config.ts'
import { type KeyFolder, keyFolder } from './opcua-keys.ts'
import type { OpcuaPlc, OpcuaPlcOptions } from './opcua-plc.ts'

// The modes leave no connection but open ones. The library lets users sign in on those by a policy that encrypts passwords, and
// without one offers them no way in at all.
const ONLY_NONE: Pick<OpcuaServerConfig['security'], 'policies' | 'modes'> = { policies: ['Basic256Sha256', 'None'], modes: ['None'] }

export class OpcuaFace {
  readonly #options: OpcuaPlcOptions
  #server: OpcuaPlc | undefined
  #keys: KeyFolder | undefined
  #port: number
  #other = false
  #onlyNone = false
  #silent = false
  #turn: Promise<void> = Promise.resolve()

  constructor(options: OpcuaPlcOptions) {
    this.#options = options
    this.#port = options.config.port
  }

  /** The server that runs now. */
  get server(): OpcuaPlc | undefined {
    return this.#server
  }

  get endpoint(): string {
    const { host } = this.#options.config
    return `opc.tcp://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${this.#port}`
  }

  async start(): Promise<void> {
    this.#keys = await keyFolder(this.#options.config.pki)
    try {
      await this.#serve(this.#keys.path)
    } catch (cause) {
      await this.stop()
      throw cause
    }
  }

  async stop(): Promise<void> {
    await this.#turn
    await this.#silence()
    await this.#keys?.[Symbol.asyncDispose]()
    this.#keys = undefined
  }

  /** Whether nobody gets through to it, as when its line or its supply fails; it takes a moment. */
  line(silent: boolean): void {
    this.#silent = silent
    this.#turn = this.#turn
      .then(() => this.#server?.cutOff(this.#silent))
      .catch((err: unknown) => this.#options.log.warn({ err }, 'The OPC UA server could not be cut off or brought back.'))
  }

  async swapCertificate(other: boolean): Promise<void> {
    if (this.#other === other) return
    this.#other = other
    await this.#restart()
  }

  async offerOnlyNone(only: boolean): Promise<void> {
    if (this.#onlyNone === only) return
    this.#onlyNone = only
    await this.#restart()
  }

  async #restart(): Promise<void> {
    if (this.#keys === undefined) throw new Error('the OPC UA server does not run')
    await this.#turn
    await this.#silence()
    await this.#serve(this.#keys.path)
  }

  async #serve(pki: string): Promise<void> {
    const { OpcuaPlc } = await import('./opcua-plc.ts')
    const server = new OpcuaPlc({ ...this.#options, config: this.#config(pki) })
    await server.start()
    this.#server = server
    this.#port = server.port
    await server.cutOff(this.#silent)
  }

  async #silence(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.stop()
  }

  #config(pki: string): OpcuaServerConfig {
    const { config } = this.#options
    const { security } = config
    return {
      ...config,
      port: this.#port,
      pki: this.#other ? join(pki, 'impostor') : pki,
      security: this.#onlyNone ? { ...security, ...ONLY_NONE } : security
    }
  }
}
