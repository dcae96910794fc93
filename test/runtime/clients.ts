// MQTT clients and a Mosquitto for the tests of this folder; closeAll belongs into afterEach.
import { BrokerClient, type BrokerClientOptions, BrokerConfig } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { type Mosquitto, type MosquittoOptions, startMosquitto } from '../parts/mosquitto.ts'
import { until } from '../parts/wait.ts'

const open: { stop(): Promise<unknown> }[] = []

export async function closeAll(): Promise<void> {
  for (const part of open.splice(0).reverse()) await part.stop()
}

export function closeLater(stop: () => Promise<unknown>): void {
  open.push({ stop })
}

export async function mosquittoWith(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const mosquitto = await startMosquitto(options)
  open.push(mosquitto)
  return mosquitto
}

export function clientOf(url: string, options: Partial<BrokerClientOptions> & { version?: 4 | 5; tls?: object } = {}): BrokerClient {
  const { version = 4, tls, ...rest } = options
  const client = new BrokerClient({
    config: BrokerConfig.parse({ url, protocolVersion: version, tls }),
    clientId: 'test-client',
    clean: true,
    log: quietLog(),
    backoffMs: { min: 20, max: 200 },
    ...rest
  })
  open.push(client)
  return client
}

export async function connected(client: BrokerClient): Promise<BrokerClient> {
  await client.start()
  await until(() => client.connected, { what: 'the connection' })
  return client
}

/** A subscription that keeps what it gets; with `hold` its messages are not taken until `release`. */
export function collect(client: BrokerClient, filter: string, { hold = false } = {}) {
  const messages: string[] = []
  const waiting: (() => void)[] = []
  let held = hold
  client.subscribe([filter], async (_, payload) => {
    messages.push(payload.toString())
    if (held) await new Promise<void>((resolve) => waiting.push(resolve))
  })
  return {
    messages,
    release() {
      held = false
      for (const go of waiting.splice(0)) go()
    }
  }
}
