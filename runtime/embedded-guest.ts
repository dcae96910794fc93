// One client of the embedded broker: what it publishes is handed to our side, and acknowledged when our side has it.
import type { Duplex } from 'node:stream'
import type { Receive } from './broker.ts'
import { Receipts, Room } from './intake.ts'
import type { Log } from './log.ts'

export interface Peer {
  clientId: string
  username: string | null
  /** The common name of the client certificate, when TLS has checked one. */
  certificateName: string | null
}

interface Publish {
  topic: string
  payload: string | Buffer
  qos: 0 | 1 | 2
  messageId?: number | undefined
}

type Done = (error?: Error | null) => void

export interface GuestOptions {
  peer: Peer
  conn: Duplex
  receive: Receive
  /** The room that all clients share. */
  inAll: Room
  log: Log
}

const PER_CLIENT = { messages: 64, bytes: 8 << 20 }
const MAX_UNSENT_BYTES = 1 << 20

export class Guest {
  readonly peer: Peer
  readonly #options: GuestOptions
  readonly #room = new Room(PER_CLIENT)
  readonly #receipts: Receipts

  constructor(options: GuestOptions) {
    this.peer = options.peer
    this.#options = options
    this.#receipts = new Receipts((bytes) => this.#write(bytes))
  }

  /** `done` lets the broker go on with the packet and read the next; an error closes the connection. */
  take(packet: Publish, done: Done): void {
    const { receive, log, peer } = this.#options
    const { topic, qos, messageId } = packet
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
    // QoS 0 and wills are never sent again.
    const lost = qos === 0 || messageId === undefined
    const { next, taken, refused } = this.#fate(packet, done)
    const leave = this.#enter(payload.length, next)
    Promise.try(receive, topic, payload)
      .then(taken, (err: unknown) => {
        if (lost) log.error({ err, clientId: peer.clientId, topic }, 'A message was not taken and is lost.')
        else log.warn({ err, clientId: peer.clientId, topic }, 'A message was not taken; the client will send it again.')
        refused()
      })
      .finally(leave)
  }

  #fate(packet: Publish, done: Done): { next: () => void; taken: () => void; refused: () => void } {
    const { qos, messageId } = packet
    if (qos === 2) return { next: nothing, taken: () => done(), refused: () => done(new Error('the message was not taken')) }
    if (qos === 0 || messageId === undefined) return { next: done, taken: nothing, refused: nothing }
    // aedes acknowledges QoS 1 before anybody has the message. As QoS 0 it only passes it on, and the PUBACK is ours to send.
    packet.qos = 0
    return { next: done, taken: this.#receipts.expect(messageId), refused: () => this.#cutOff() }
  }

  #enter(bytes: number, next: () => void): () => void {
    const { inAll } = this.#options
    let doors = 2
    const pass = () => {
      if (--doors === 0) next()
    }
    this.#room.enter(bytes, pass)
    inAll.enter(bytes, pass)
    return () => {
      this.#room.leave(bytes)
      inAll.leave(bytes)
    }
  }

  #cutOff(): void {
    this.#receipts.close()
    this.#options.conn.destroy()
  }

  #write(bytes: Buffer): void {
    const { conn } = this.#options
    if (!conn.writable) return
    // A peer that publishes but never reads its PUBACKs must not fill our memory with them.
    if (conn.writableLength > MAX_UNSENT_BYTES) this.#cutOff()
    else conn.write(bytes)
  }
}

const nothing = () => undefined
