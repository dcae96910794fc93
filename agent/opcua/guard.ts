// The guard below the session, and the containment of what a server sends. Both are put into objects of the library at places
// that it does not document; each makes sure that it took hold, and else nothing is connected.
import { BAD, OpcUaFault } from './fault.ts'
import { isAllowed, type Leaving, serviceName } from './services.ts'

export type Send = (request: Leaving, callback: (error: Error | null, response?: unknown) => void) => void

/** What passes the guard, and what does not, is told here. */
export interface Tally {
  sent(service: string): void
  refused(service: string): void
}

export interface Guard {
  /** The only way for a request to the server. */
  send: Send
  /** The services that passed. */
  seen: ReadonlySet<string>
}

export interface GuardOptions {
  tally: Tally
  conditionRefresh: boolean
  /** A request that the guard must refuse. */
  probe: Leaving
}

// All services of the library meet in this method of the client, before the message is encrypted. It is not documented, so it is
// tried with a Write before anything is connected: when that is not refused here, nothing is connected at all.
export function guard(client: object, { tally, conditionRefresh, probe }: GuardOptions): Guard {
  const inner = client as { performMessageTransaction?: Send; fetchServerCertificate?: unknown }
  const { performMessageTransaction: pass } = inner
  if (typeof pass !== 'function' || typeof inner.fetchServerCertificate !== 'function')
    throw new TypeError('the library has no place for the guard')
  const seen = new Set<string>()
  let trying = true
  inner.performMessageTransaction = (request, callback) => {
    const service = serviceName(request)
    if (isAllowed(request, { conditionRefresh })) {
      seen.add(service)
      // The one Call that is ever allowed asks for alarms; it is counted by its own name, or the proof of read-only would doubt it.
      tally.sent(service === 'Call' ? 'ConditionRefresh' : service)
      pass.call(client, request, callback)
      return
    }
    if (!trying) tally.refused(service)
    callback(new OpcUaFault('OPCUA_REFUSED', BAD.serviceUnsupported, `${service} is not a reading service; it was not sent`))
  }
  // The library would ask for certificates through a second, unguarded client; they are given to it beforehand.
  inner.fetchServerCertificate = (_url: string, callback: (error: Error) => void) =>
    callback(new OpcUaFault('OPCUA_REFUSED', BAD.securityFailed, 'the certificate of the server must be known before'))
  let refusal: unknown
  inner.performMessageTransaction(probe, (error) => {
    refusal = error
  })
  trying = false
  if (!(refusal instanceof OpcUaFault && refusal.code === 'OPCUA_REFUSED')) throw new TypeError('the guard does not hold')
  return { send: (request, callback) => inner.performMessageTransaction?.(request, callback), seen }
}

const MAX_CHUNKS = 1024
const MAX_CHUNK_BYTES = 640 << 10
export const LIMITS = { maxMessageSize: 16 << 20, maxChunkCount: MAX_CHUNKS }

interface Limits {
  receiveBufferSize: number
  sendBufferSize: number
  maxMessageSize: number
  maxChunkCount: number
}

/** What is needed of the transport of the library. */
export interface Containable {
  setLimits(limits: Limits): void
}

// What a server sends is taken apart inside the library, which throws at some nonsense. That ends the connection, not the agent.
// The limits that a server names hold for what it may send as well, so they are not taken from it.
export function contained<T extends Containable>(transport: T, end: (error: Error) => void): T {
  const inner = transport as { _on_socket_data?: (data: Buffer) => void }
  const { _on_socket_data: take } = inner
  if (typeof take !== 'function') throw new TypeError('the library has no place to contain its faults')
  inner._on_socket_data = (data) => {
    try {
      take.call(transport, data)
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const setLimits = transport.setLimits.bind(transport)
  const most = (limit: number, ours: number) => (limit > 0 ? Math.min(limit, ours) : ours)
  transport.setLimits = ({ receiveBufferSize, sendBufferSize, maxMessageSize, maxChunkCount }) =>
    setLimits({
      receiveBufferSize: most(receiveBufferSize, MAX_CHUNK_BYTES),
      sendBufferSize: most(sendBufferSize, MAX_CHUNK_BYTES),
      maxMessageSize: most(maxMessageSize, LIMITS.maxMessageSize),
      maxChunkCount: most(maxChunkCount, MAX_CHUNKS)
    })
  return transport
}
