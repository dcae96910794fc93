// The only door to mqtt: one connection to the broker that comes back by itself.
import type { BrokerConfig } from './broker-config.ts'
import type { Part } from './lifecycle.ts'
import type { Log } from './log.ts'

export { BrokerConfig } from './broker-config.ts'

export type BrokerFaultCode = 'BROKER_AWAY' | 'BROKER_BUSY' | 'BROKER_REFUSED' | 'MESSAGE_TOO_LARGE'

export class BrokerFault extends Error {
  readonly code: BrokerFaultCode
  constructor(code: BrokerFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BrokerFault'
    this.code = code
  }
}

/** Settles when the message may be acknowledged; a rejection leaves it with the broker. */
export type Receive = (topic: string, payload: Buffer) => Promise<void>

export interface BrokerClientOptions {
  config: BrokerConfig
  clientId: string
  /** False keeps the session at the broker while the client is away. */
  clean: boolean
  log: Log
  will?: { topic: string; payload: Buffer; retain: boolean }
  /** Publishes that may wait for their PUBACK at a time. */
  maxInFlight?: number
}

export class BrokerClient implements Part {
  readonly name = 'broker client'
  constructor(_options: BrokerClientOptions) {}
  /** True when messages can be published and all subscriptions stand. */
  get connected(): boolean {
    return false
  }
  /** Returns at once and connects in the background; rejects only when a secret or certificate cannot be read. */
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  onConnection(_listener: (connected: boolean) => void): void {}
  /** QoS 1: resolves at PUBACK, rejects with BrokerFault when there is no connection or it is lost before. */
  async publish(_topic: string, _payload: Buffer, _options?: { retain?: boolean }): Promise<void> {}
  /** To be called before start; kept over reconnects. */
  subscribe(_filters: readonly string[], _receive: Receive): void {}
}
