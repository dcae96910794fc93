// One connection to the broker, from CONNECT to its end.
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IPublishPacket, MqttClient, Packet, Receive } from './broker.ts'
import { BrokerFault } from './broker-fault.ts'
import { Receipts, type Room } from './intake.ts'

const EXPECTED: ReadonlySet<string | undefined> = new Set(['connack', 'publish', 'puback', 'suback', 'pingresp', 'disconnect'])
const MAX_WAITING = 1000
const OPEN_MS = 20_000
const GRACE_MS = 4000

interface LinkOptions {
  client: MqttClient
  maxInFlight: number
  room: Room
  receive: Receive
}

// mqtt.js would keep unacknowledged publishes and send them again by itself, out of order (its #450, #2015);
// with a client that lives only as long as its connection, each publish is settled when the connection is.
export class Link {
  readonly closed: Promise<Error>
  readonly #options: LinkOptions
  readonly #receipts: Receipts
  readonly #unsettled = new Map<Promise<void>, (reason: Error) => void>()
  readonly #queue: (() => void)[] = []
  #maxInFlight: number
  #inFlight = 0
  #state: 'opening' | 'ready' | 'ending' | 'closed' = 'opening'
  #reason: Error | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    const { client } = options
    this.#maxInFlight = options.maxInFlight
    // Small publishes and PUBACKs shall not wait for the TCP acknowledgement of the ones before.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    this.#receipts = new Receipts((bytes) => {
      if (client.stream.writable) client.stream.write(bytes)
    })
    // mqtt.js goes on after some errors, for one after bytes that are not MQTT; nothing good can follow.
    client.on('error', (error) => this.#fail(error))
    client.on('packetreceive', (packet) => this.#look(packet))
    client.handleMessage = (packet, next) => this.#arrive(packet, next)
    this.closed = new Promise((resolve) => client.on('close', () => resolve(this.#close())))
  }

  get ready(): boolean {
    return this.#state === 'ready'
  }

  /** Resolves when connected and subscribed. */
  async open(filters: string[]): Promise<void> {
    const { client } = this.#options
    const answered = new AbortController()
    const opened = new Promise<void>((resolve, reject) => {
      client.on('connect', ({ properties }) => {
        this.#maxInFlight = Math.min(this.#maxInFlight, properties?.receiveMaximum ?? this.#maxInFlight)
        if (filters.length === 0) return resolve()
        client.subscribe(filters, { qos: 1 }, (error) => (error === null ? resolve() : reject(error)))
      })
      void this.closed.then(reject)
      sleep(OPEN_MS, undefined, { signal: answered.signal }).then(
        () => reject(new Error(`no answer within ${OPEN_MS} ms`)),
        () => undefined
      )
    })
    try {
      await opened
      if (this.#state === 'opening') this.#state = 'ready'
    } catch (error) {
      client.end(true)
      throw error
    } finally {
      answered.abort()
    }
  }

  publish(topic: string, payload: Buffer, retain: boolean): Promise<void> {
    if (this.#queue.length >= MAX_WAITING) return Promise.reject(new BrokerFault('BROKER_BUSY', `${MAX_WAITING} publishes already wait`))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#unsettled.set(promise, reject)
    const send = () => {
      this.#inFlight++
      this.#options.client.publish(topic, payload, { qos: 1, retain }, (cause) => {
        this.#inFlight--
        if (!this.#unsettled.delete(promise)) return
        if (cause) reject(new BrokerFault('BROKER_REFUSED', `the broker did not take a message for ${topic}`, { cause }))
        else resolve()
        this.#queue.shift()?.()
      })
    }
    if (this.#inFlight < this.#maxInFlight) send()
    else this.#queue.push(send)
    return promise
  }

  async end(): Promise<void> {
    const { client, room } = this.#options
    const polite = this.#state === 'ready'
    if (this.#state !== 'closed') this.#state = 'ending'
    if (polite) {
      await Promise.race([
        Promise.allSettled([room.emptied(), ...this.#unsettled.keys()]),
        this.closed,
        sleep(GRACE_MS, undefined, { ref: false })
      ])
      // One more turn of the loop lets the last PUBACKs out. MQTT 3.1.1, 3.14 and MQTT 5.0, 3.14: DISCONNECT.
      await sleep(0)
      client.stream.end(Buffer.of(0xe0, 0x00))
      await Promise.race([this.closed, sleep(1000, undefined, { ref: false })])
    }
    client.end(true)
    await this.closed
  }

  // Sees every packet before mqtt.js deals with it.
  #look(packet: Packet): void {
    const unwanted = !EXPECTED.has(packet.cmd) || (packet.cmd === 'publish' && packet.qos === 2)
    if (unwanted) {
      this.#fail(new Error(`the broker sent a ${packet.cmd} that was not asked for`))
      // mqtt.js would go on with it; a PUBREL without an id, for one, makes it throw where nobody can catch.
      Object.assign(packet, { cmd: 'pingresp' })
    } else if (packet.cmd === 'publish' && packet.qos === 1) {
      // mqtt.js hands over one QoS 1 message at a time and sends the PUBACK before it takes the next. As QoS 0 they come
      // without waiting, and the PUBACK is ours to send.
      packet.qos = 0
    }
  }

  #arrive(packet: IPublishPacket, next: () => void): void {
    // What comes now is not acknowledged and therefore comes again.
    if (this.#state === 'ending' || this.#state === 'closed') return
    const { room, receive } = this.#options
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
    const settle = packet.messageId === undefined ? () => undefined : this.#receipts.expect(packet.messageId)
    room.enter(payload.length, next)
    Promise.try(receive, packet.topic, payload)
      .then(settle, (cause: unknown) => this.#refuse(packet.topic, cause))
      .finally(() => room.leave(payload.length))
  }

  #refuse(topic: string, cause: unknown): void {
    this.#fail(new Error(`a message of ${topic} was not taken`, { cause }))
  }

  #fail(reason: Error): void {
    if (this.#state === 'closed') return
    this.#state = 'ending'
    this.#abandon(reason)
    this.#options.client.end(true)
  }

  #close(): Error {
    this.#state = 'closed'
    return this.#abandon(new Error('the connection was closed'))
  }

  // Nothing is acknowledged any more, in neither direction. The first reason is the one that counts.
  #abandon(reason: Error): Error {
    this.#reason ??= reason
    this.#receipts.close()
    this.#queue.length = 0
    for (const reject of this.#unsettled.values())
      reject(new BrokerFault('BROKER_AWAY', 'the connection was lost before the broker acknowledged', { cause: this.#reason }))
    this.#unsettled.clear()
    return this.#reason
  }
}
