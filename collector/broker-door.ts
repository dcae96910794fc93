// Where the messages come from: a client of an outside broker, or a broker in this process. Both acknowledge only what was taken.
import { BrokerClient, type Receive } from '#runtime/broker.ts'
import { readSecret } from '#runtime/config-file.ts'
import { EmbeddedBroker } from '#runtime/embedded-broker.ts'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import { readAgentList } from './agent-list.ts'
import { brokerAccess } from './broker-access.ts'
import type { Centre } from './centre.ts'
import type { CollectorConfig } from './config.ts'
import type { Publish } from './watermarks.ts'

interface Listening {
  filters: (partitions?: readonly string[]) => string[]
  receive: Receive
  centre: Centre
}

type External = Extract<CollectorConfig['broker'], { mode: 'external' }>
type Embedded = Extract<CollectorConfig['broker'], { mode: 'embedded' }>

const NOT_CONNECTED = {
  zh: '未连接到 MQTT 代理；采集代理会保留数据。',
  en: 'There is no connection to the MQTT broker; the agents keep the data.'
}

export class BrokerDoor implements Part {
  readonly name = 'broker'
  readonly #broker: EmbeddedBroker | null
  readonly #client: { client: BrokerClient; partitions: readonly string[] | undefined } | null
  #listening: Listening | undefined

  static async open({ config, log }: { config: CollectorConfig['broker']; log: Log }): Promise<BrokerDoor> {
    if (config.mode === 'external') return new BrokerDoor({ external: config, log })
    const logins = await Promise.all(
      config.agents.map(async ({ password, ...agent }) => ({ ...agent, password: await readSecret(password) }))
    )
    const { list, allowAnonymous } = config
    // Read once now, so that a list that cannot be read is told at the start.
    if (list !== undefined) await readAgentList(list)
    const listed = list === undefined ? undefined : () => readAgentList(list)
    return new BrokerDoor({ embedded: config, access: brokerAccess({ logins, allowAnonymous, listed }), log })
  }

  private constructor(options: { log: Log } & ({ external: External } | { embedded: Embedded; access: ReturnType<typeof brokerAccess> })) {
    const { log } = options
    if ('external' in options) {
      const { mode: _, clientId, partitions, ...config } = options.external
      this.#client = { client: new BrokerClient({ config, clientId, clean: false, log }), partitions }
      this.#broker = null
      return
    }
    const { host, port, maxConnections, tls } = options.embedded
    this.#client = null
    this.#broker = new EmbeddedBroker({
      ...options.access,
      host,
      port,
      maxConnections,
      ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
      receive: (topic, payload) => this.#receive(topic, payload),
      log
    })
  }

  /** Of the embedded broker. */
  get port(): number | undefined {
    return this.#broker?.port
  }

  readonly publish: Publish = async (topic, payload, options) => {
    await (this.#broker ?? this.#client?.client)?.publish(topic, payload, options)
  }

  /** To be called before start. */
  listen(listening: Listening): void {
    this.#listening = listening
    if (this.#client === null) return
    const { client, partitions } = this.#client
    client.subscribe(listening.filters(partitions), listening.receive)
    client.onConnection((connected) => (connected ? listening.centre.ok('broker') : listening.centre.failing('broker', NOT_CONNECTED)))
    listening.centre.failing('broker', NOT_CONNECTED)
  }

  // Nobody listening must never look like a message that was taken.
  #receive(topic: string, payload: Buffer): Promise<void> {
    return this.#listening?.receive(topic, payload) ?? Promise.reject(new Error('nobody listens yet'))
  }

  async start(): Promise<void> {
    await (this.#broker ?? this.#client?.client)?.start()
  }

  async stop(): Promise<void> {
    await (this.#broker ?? this.#client?.client)?.stop()
  }
}

function tlsOf({ ca, crl, ...tls }: NonNullable<Embedded['tls']>) {
  return { ...tls, ...(ca === undefined ? {} : { ca }), ...(crl === undefined ? {} : { crl }) }
}
