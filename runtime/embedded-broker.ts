// An MQTT broker inside the process, for one-box sites, the demo and tests: aedes with authentication, access control and bounds.
// With `receive` the PUBACK of a message waits until our own side has it.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls'
import { Aedes, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import { MAX_MESSAGE_BYTES } from '#contract/codec.ts'
import type { Receive } from './broker.ts'
import { BrokerFault } from './broker-fault.ts'
import { Guest, type Peer } from './embedded-guest.ts'
import { isCutOff, isLoopback, readTls, type TlsFiles, type TlsMaterial, watchFiles } from './embedded-tls.ts'
import { Room } from './intake.ts'
import type { Part } from './lifecycle.ts'
import type { Log } from './log.ts'
import { watchLengths } from './packet-length.ts'

export type { Peer } from './embedded-guest.ts'

export interface EmbeddedBrokerOptions {
  host: string
  port: number
  log: Log
  /** PEM files, read again when they change. Without them the broker listens on this machine only. */
  tls?: TlsFiles
  /** How often the files are looked at. */
  lookEveryMs?: number
  authenticate?: (login: Peer & { password: string | null }) => boolean | Promise<boolean>
  mayPublish?: (peer: Peer, topic: string) => boolean
  maySubscribe?: (peer: Peer, filter: string) => boolean
  /** Takes every publish of a client, wills too. The PUBACK waits for the promise; a rejection closes the connection without one. */
  receive?: Receive
  maxConnections?: number
  maxPacketBytes?: number
}

const IN_ALL = { messages: 10_000, bytes: 128 << 20 }
const MAX_CONNECT_BYTES = 64 << 10
const GRACE_MS = 3000

type Done = (error?: Error | null) => void

export class EmbeddedBroker implements Part {
  readonly name = 'embedded broker'
  readonly #options: EmbeddedBrokerOptions
  readonly #sockets = new Set<Socket>()
  readonly #secured = new Set<TLSSocket>()
  readonly #peers = new WeakMap<Client, Peer>()
  readonly #guests = new WeakMap<Client, Guest>()
  readonly #inAll = new Room(IN_ALL)
  readonly #counts = { received: 0, refused: 0 }
  #aedes: Aedes | undefined
  #server: Server | undefined
  #stopping = false
  readonly #end = new AbortController()
  #watching: Promise<void> = Promise.resolve()
  #lastRefusalTold = Number.NEGATIVE_INFINITY

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options
  }

  /** The port that was taken; known after start. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : this.#options.port
  }

  /** Since the start: messages received, and connections, publishes and subscriptions refused. */
  get counts(): { connections: number; received: number; refused: number } {
    return { connections: this.#sockets.size, ...this.#counts }
  }

  async start(): Promise<void> {
    const { host, port, tls, maxConnections = 200, log } = this.#options
    if (tls === undefined && !isLoopback(host))
      throw new BrokerFault(
        'TLS_NEEDED',
        `the embedded broker does not listen at ${host} without TLS: everything could be read and changed`
      )
    const aedes = await Aedes.createBroker({
      connectTimeout: 10_000,
      drainTimeout: 5000,
      keepaliveLimit: 600,
      maxTopicLevels: 20,
      preConnect: (client, packet, done) => done(null, this.#admit(client, packet)),
      authenticate: (client, username, password, done) => {
        this.#signIn(client, username, password).then(
          (allowed) => done(null, allowed),
          (err: unknown) => {
            log.error({ err, clientId: client.id }, 'A client could not be authenticated.')
            done(null, false)
          }
        )
      },
      authorizePublish: (client, packet, done) => this.#publish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null)
    })
    aedes.on('clientError', (client, err) => log.debug({ err, clientId: client.id }, 'A connection failed.'))
    aedes.on('connectionError', (_, err) => log.debug({ err }, 'A connection failed before it was made.'))
    this.#aedes = aedes
    const material = tls === undefined ? undefined : await readTls(tls)
    const secure = material === undefined ? undefined : createTlsServer(material.options)
    const server = secure ?? createServer()
    server.maxConnections = maxConnections
    server.on('drop', () => this.#refuse('too many connections', {}))
    server.on('tlsClientError', (err) => this.#refuse('no acceptable certificate', { err }))
    server.on('connection', (socket) => this.#track(socket))
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket) => this.#welcome(aedes, socket))
    this.#server = server
    server.listen(port, host)
    await once(server, 'listening')
    if (tls !== undefined && secure !== undefined && material !== undefined) this.#watching = this.#watch(secure, tls, material)
    log.info({ host, port: this.port, tls: tls !== undefined }, 'The embedded broker is listening.')
  }

  /** Waits a bounded time until what came was taken and acknowledged. */
  async stop(): Promise<void> {
    const [server, aedes] = [this.#server, this.#aedes]
    this.#stopping = true
    this.#end.abort()
    await this.#watching
    if (server?.listening) {
      const closed = once(server, 'close')
      server.close()
      await Promise.race([this.#inAll.emptied(), sleep(GRACE_MS, undefined, { ref: false })])
      // One more turn of the loop lets the last PUBACKs out.
      await sleep(0)
      for (const socket of this.#sockets) socket.destroy()
      await closed
    }
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(resolve))
  }

  /** QoS 0, to those who are connected: retain what a latecomer needs too. */
  async publish(topic: string, payload: Buffer, { retain = false }: { retain?: boolean } = {}): Promise<void> {
    const aedes = this.#aedes
    if (aedes === undefined || this.#stopping) throw new BrokerFault('BROKER_AWAY', 'the embedded broker is not running')
    await new Promise<void>((resolve, reject) => {
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain, dup: false }, (error) => (error ? reject(error) : resolve()))
    })
  }

  // Certificates are renewed and revoked while the plant runs: nobody shall have to restart the centre for it.
  async #watch(server: TlsServer, files: TlsFiles, first: TlsMaterial): Promise<void> {
    const { log, lookEveryMs = 2000 } = this.#options
    let present = first
    const changed = async () => {
      try {
        const next = await readTls(files)
        server.setSecureContext(next.options)
        const cutOff = [...this.#secured].filter((socket) => isCutOff(socket, present, next))
        present = next
        for (const socket of cutOff) socket.destroy()
        log.info({ cutOff: cutOff.length }, 'The certificates of the embedded broker were read again.')
      } catch (err) {
        log.error({ err, ...files }, 'The changed certificates of the embedded broker cannot be used; it goes on with those before.')
      }
    }
    const { ca, cert, key, crl } = files
    const watched = [ca, cert, key, crl].filter((file) => file !== undefined)
    await watchFiles({ files: watched, everyMs: lookEveryMs, signal: this.#end.signal, changed })
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #welcome(aedes: Aedes, socket: Socket): void {
    const { maxPacketBytes = MAX_MESSAGE_BYTES + 1024 } = this.#options
    if (socket instanceof TLSSocket) {
      this.#secured.add(socket)
      socket.on('close', () => this.#secured.delete(socket))
    }
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
    const client = aedes.handle(socket)
    // aedes reads the socket by itself; next to its 'readable' a 'data' listener only looks on.
    socket.on(
      'data',
      watchLengths({
        maxBytes: () => (client.connected ? maxPacketBytes : MAX_CONNECT_BYTES),
        tooLong: (bytes) => {
          this.#refuse('a packet that is too long', { clientId: client.id, bytes })
          socket.destroy()
        }
      })
    )
  }

  #admit(_client: Client, packet: ConnectPacket): boolean {
    // Our own side takes every message itself, so no session has to be kept in memory for anybody who is away.
    if (this.#options.receive !== undefined) packet.clean = true
    return !this.#stopping
  }

  async #signIn(client: Client, username: string | undefined, password: Buffer | undefined): Promise<boolean> {
    const { authenticate, receive, log } = this.#options
    const peer = { clientId: client.id, username: username ?? null, certificateName: certificateName(client) }
    const allowed = authenticate === undefined || (await authenticate({ ...peer, password: password?.toString('utf8') ?? null }))
    if (!allowed) this.#refuse('a client that could not sign in', { clientId: client.id })
    this.#peers.set(client, peer)
    if (receive !== undefined) this.#guests.set(client, new Guest({ peer, conn: client.conn, receive, inAll: this.#inAll, log }))
    return allowed
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const peer = this.#peers.get(client)
    const { maySubscribe } = this.#options
    if (peer !== undefined && (maySubscribe === undefined || maySubscribe(peer, filter))) return true
    this.#refuse('a subscription', { clientId: client.id, filter })
    return false
  }

  #publish(client: Client | null, packet: PublishPacket, done: Done): void {
    const peer = client === null ? undefined : this.#peers.get(client)
    const { mayPublish } = this.#options
    if (client === null || peer === undefined) done(new Error('publishing before signing in'))
    else if (this.#stopping) {
      // What still comes is left unread. A will of somebody whom our own end cuts off would tell a lie.
      if (client.closed) done(new Error('the broker is stopping'))
    } else if (packet.topic.startsWith('$') || mayPublish?.(peer, packet.topic) === false) {
      this.#refuse('a publish', { clientId: client.id, topic: packet.topic })
      done(new Error('not allowed to publish there'))
    } else {
      this.#counts.received++
      const guest = this.#guests.get(client)
      if (guest === undefined) done()
      else guest.take(packet, done)
    }
  }

  // At most one line a second, however hard somebody tries.
  #refuse(what: string, fields: object): void {
    this.#counts.refused++
    if (performance.now() - this.#lastRefusalTold < 1000) return
    this.#lastRefusalTold = performance.now()
    this.#options.log.warn({ ...fields, refusedSoFar: this.#counts.refused }, `Refused ${what}.`)
  }
}

function certificateName({ conn }: Client): string | null {
  if (!(conn instanceof TLSSocket) || !conn.authorized) return null
  const name = conn.getPeerCertificate().subject?.CN
  return typeof name === 'string' ? name : null
}
