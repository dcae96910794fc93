// An MQTT broker inside the process, for one-box sites, the demo and tests: aedes with authentication, access control and bounds.
import type { Part } from './lifecycle.ts'
import type { Log } from './log.ts'

export interface Peer {
  clientId: string
  username: string | null
  /** The common name of the client certificate, when TLS checked one. */
  certificateName: string | null
}

export interface EmbeddedBrokerOptions {
  host: string
  port: number
  log: Log
  /** PEM files; with ca, every client must show a certificate signed by it. */
  tls?: { ca?: string; cert: string; key: string }
  authenticate?: (login: Peer & { password: string | null }) => boolean | Promise<boolean>
  mayPublish?: (peer: Peer, topic: string) => boolean
  maySubscribe?: (peer: Peer, filter: string) => boolean
  /** Takes every publish of a client (wills too); its PUBACK waits for the promise, and a rejection closes the connection without one. */
  receive?: (topic: string, payload: Buffer) => Promise<void>
  maxConnections?: number
  maxPacketBytes?: number
}

export class EmbeddedBroker implements Part {
  readonly name = 'embedded broker'
  constructor(_options: EmbeddedBrokerOptions) {}
  /** The port that was taken; known after start. */
  get port(): number {
    return 0
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async publish(_topic: string, _payload: Buffer, _options?: { retain?: boolean }): Promise<void> {}
}
