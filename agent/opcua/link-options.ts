// What it takes to connect a server: as whom, with which protection.
import type { Mode, Policy } from './config.ts'
import type { Tally } from './guard.ts'

export interface Identity {
  certificate: Buffer
  /** PEM. */
  key: string
}

export type Credentials = { name: string; password: string } | { certificate: Buffer; key: string } | undefined

export interface LinkOptions {
  endpoint: string
  identity: Identity
  tally: Tally
  conditionRefresh: boolean
  /** Ends the attempt, or the connection, at once. */
  signal: AbortSignal
}

export interface SessionOptions extends LinkOptions {
  policy: Policy
  mode: Mode
  /** The verified certificate of the server; undefined with policy None only. */
  serverCertificate: Buffer | undefined
  user: Credentials
  /** After how long without a request the server forgets the session. */
  sessionMs: number
}

export function applicationUri(host: string): string {
  return `urn:${host}:penstock:agent`
}
