// The way from the agent to the broker in a live run, on which an attacker can stand: it passes MQTT on packet by packet, lets
// publishes vanish as if the broker had taken them, and adds some under the agent's name.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { PacketSplitter, type Publish, pubackOf, publishOf, publishPacket } from './mqtt-packets.ts'

export interface BrokerPathOptions {
  brokerPort: number
  /** Sees every publish of the agent; false lets it vanish. */
  onPublish: (publish: Publish) => boolean
  /** Sees what the broker gives to the agent. */
  onDelivery?: (publish: Publish) => void
}

export class BrokerPath implements AsyncDisposable {
  readonly #options: BrokerPathOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #upstream: Socket | null = null

  constructor(options: BrokerPathOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (agent) => this.#join(agent))
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Throws when no agent is connected. */
  publish(topic: string, payload: Buffer): void {
    if (this.#upstream?.writable !== true) throw new Error('the agent has no connection to the broker')
    this.#upstream.write(publishPacket(topic, payload))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #join(agent: Socket): void {
    const broker = connect({ port: this.#options.brokerPort, host: '127.0.0.1', noDelay: true })
    this.#upstream = broker
    for (const [one, other] of [
      [agent, broker],
      [broker, agent]
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      // A connection that breaks on one side breaks on the other, so that the broker still sends the last will.
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    pass(agent, broker, (packet) => this.#hear(packet, agent))
    pass(broker, agent, (packet) => {
      const delivery = publishOf(packet)
      if (delivery !== null) this.#options.onDelivery?.(delivery)
      return true
    })
  }

  #hear(packet: Buffer, agent: Socket): boolean {
    const publish = publishOf(packet)
    if (publish === null || this.#options.onPublish(publish)) return true
    if (publish.id !== null) agent.write(pubackOf(publish.id))
    return false
  }
}

// Whole packets only, so that what is added in between falls between two of them.
function pass(from: Socket, to: Socket, passes: (packet: Buffer) => boolean): void {
  const splitter = new PacketSplitter()
  from.on('data', (chunk) => {
    try {
      for (const packet of splitter.take(chunk)) if (passes(packet) && !to.write(packet)) from.pause()
    } catch {
      // Who does not speak MQTT is not passed on.
      from.destroy()
    }
  })
  to.on('drain', () => from.resume())
  from.on('end', () => to.end())
}
