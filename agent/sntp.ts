// One question to a time server (SNTP, RFC 4330 and RFC 5905), and a strict look at its answer.
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'

export interface SntpAnswer {
  /** How far the clock of this machine is ahead of the server's, in milliseconds. */
  offsetMs: number
  /** The offset is true to half of this. */
  roundTripMs: number
  stratum: number
}

export interface SntpQuery {
  host: string
  port: number
  timeoutMs: number
  signal: AbortSignal
  /** The wall clock and a steady one, in milliseconds. */
  wall?: () => number
  steady?: () => number
}

export class TimeServerFault extends Error {
  readonly code: 'TIME_SERVER_SILENT' | 'TIME_SERVER_REFUSED' | 'TIME_SERVER_UNREACHABLE'
  constructor(code: TimeServerFault['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TimeServerFault'
    this.code = code
  }
}

const PACKET_BYTES = 48
const CLIENT_VERSION_4 = 0x23
const SERVER_MODE = 4
const MAX_STRATUM = 15
const UNSYNCHRONISED = 3
// Seconds from 1900 to 1970.
const EPOCH_SECONDS = 2_208_988_800
const ERA_SECONDS = 2 ** 32
// What is no answer to our question is passed over, so that a forged packet cannot end it; but not without end.
const MOST_PACKETS = 16

/** Rejects with TimeServerFault when no answer comes that can be believed. */
export async function askTimeServer(query: SntpQuery): Promise<SntpAnswer> {
  const { host, port, timeoutMs, signal, wall = Date.now, steady = () => performance.now() } = query
  signal.throwIfAborted()
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
  const end = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    // Once connected, the system hands over only what comes from that address and port.
    await settled<void>(socket, end, (resolve) => socket.connect(port, host, resolve))
    // A time stamp would tell the server our clock; any 64 bits that come back as origin do (RFC 4330, section 5).
    const nonce = randomBytes(8)
    const request = Buffer.alloc(PACKET_BYTES)
    request[0] = CLIENT_VERSION_4
    nonce.copy(request, 40)
    const sentAt = wall()
    const sent = steady()
    let packets = 0
    let refusal = ''
    return await settled<SntpAnswer>(socket, end, (resolve, reject) => {
      socket.on('message', (packet) => {
        const roundTrip = steady() - sent
        const read = readAnswer(packet, nonce)
        if (typeof read !== 'string') resolve(answerOf(read, { sentAt, roundTrip }))
        else if (read !== NOT_OURS) reject(new TimeServerFault('TIME_SERVER_REFUSED', `${host}:${port} ${read}`))
        else refusal = ', but something that is no answer'
        if (++packets >= MOST_PACKETS) reject(new TimeServerFault('TIME_SERVER_REFUSED', `${host}:${port} sends what is no answer`))
      })
      socket.send(request, (error) => {
        if (error) reject(error)
      })
    }).catch((error: unknown) => {
      throw end.aborted && !signal.aborted ? silent(host, port, timeoutMs, refusal) : error
    })
  } catch (error) {
    if (error instanceof TimeServerFault || signal.aborted) throw error
    if (end.aborted) throw silent(host, port, timeoutMs, '')
    throw new TimeServerFault('TIME_SERVER_UNREACHABLE', `${host}:${port} cannot be reached`, { cause: error })
  } finally {
    socket.close()
  }
}

const silent = (host: string, port: number, timeoutMs: number, more: string): TimeServerFault =>
  new TimeServerFault('TIME_SERVER_SILENT', `${host}:${port} sent no answer within ${timeoutMs} ms${more}`)

const NOT_OURS = 'is not an answer to our question'

export interface ServerTimes {
  stratum: number
  /** When the question came to the server and when the answer left it, in epoch milliseconds. */
  receivedAt: number
  answeredAt: number
}

/** The times in an answer, or why it is not believed. */
export function readAnswer(packet: Buffer, nonce: Buffer): ServerTimes | string {
  if (packet.length < PACKET_BYTES) return NOT_OURS
  const first = packet.readUInt8(0)
  const version = (first >> 3) & 7
  if ((first & 7) !== SERVER_MODE || version < 3 || version > 4 || !packet.subarray(24, 32).equals(nonce)) return NOT_OURS
  const stratum = packet.readUInt8(1)
  // RFC 4330, section 8: stratum 0 is a kiss-o'-death; its four letters say why.
  if (stratum === 0) return `asks to be left alone (${packet.toString('latin1', 12, 16).replace(/[^A-Z0-9]/g, '?')})`
  if (stratum > MAX_STRATUM || first >> 6 === UNSYNCHRONISED) return 'is not synchronised itself'
  const receivedAt = timeAt(packet, 32)
  const answeredAt = timeAt(packet, 40)
  if (receivedAt === null || answeredAt === null || answeredAt < receivedAt) return 'sends times that cannot be'
  return { stratum, receivedAt, answeredAt }
}

// RFC 5905, section 8. The way there and back is taken from a steady clock: the wall clock may be set meanwhile.
function answerOf(server: ServerTimes, own: { sentAt: number; roundTrip: number }): SntpAnswer {
  const { stratum, receivedAt, answeredAt } = server
  const { sentAt, roundTrip } = own
  const serverAhead = (receivedAt - sentAt + (answeredAt - (sentAt + roundTrip))) / 2
  return { offsetMs: -serverAhead, roundTripMs: Math.max(0, roundTrip - (answeredAt - receivedAt)), stratum }
}

// RFC 4330, section 3: with the first bit at 0 the seconds count from 2036.
function timeAt(packet: Buffer, at: number): number | null {
  const seconds = packet.readUInt32BE(at)
  const fraction = packet.readUInt32BE(at + 4)
  if (seconds === 0 && fraction === 0) return null
  const era = seconds < ERA_SECONDS / 2 ? ERA_SECONDS : 0
  return (seconds + era - EPOCH_SECONDS) * 1000 + (fraction / ERA_SECONDS) * 1000
}

function settled<T>(
  socket: Socket,
  end: AbortSignal,
  work: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = () => reject(end.reason)
  if (end.aborted) stop()
  end.addEventListener('abort', stop, { once: true })
  socket.once('error', reject)
  work(resolve, reject)
  return promise.finally(() => {
    end.removeEventListener('abort', stop)
    socket.off('error', reject)
  })
}
