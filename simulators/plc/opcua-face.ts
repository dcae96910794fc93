// The OPC UA face of a PLC as an attacker may change it: the same points behind another certificate, or without any protection.
// A change restarts the server on the same port, as a machine that takes its place would. The library is loaded with the first.
import { join } from 'node:path'
import type { OpcuaServerConfig } from './opcua-config.ts'
import type { OpcuaPlc, OpcuaPlcOptions } from './opcua-plc.ts'

export class OpcuaFace {
  readonly #options: OpcuaPlcOptions
  #server: OpcuaPlc | undefined
  #port: number
  #other = false
  #onlyNone = false

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
    const { OpcuaPlc } = await import('./opcua-plc.ts')
    const server = new OpcuaPlc({ ...this.#options, config: this.#config() })
    await server.start()
    this.#server = server
    this.#port = server.port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.stop()
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
    await this.stop()
    await this.start()
  }

  #config(): OpcuaServerConfig {
    const { config } = this.#options
    const { pki, security } = config
    return {
      ...config,
      port: this.#port,
      pki: this.#other ? join(pki, 'impostor') : pki,
      security: this.#onlyNone ? { ...security, policies: ['None'], modes: ['None'] } : security
    }
  }
}
