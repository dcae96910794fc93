// An embedded broker, mqtt.js clients and bare sockets for the tests of this folder; closeAll belongs into afterEach.
import { connect as connectSocket, type Socket } from 'node:net'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '#runtime/embedded-broker.ts'
import { quietLog } from '#runtime/log.ts'
import { until } from '../parts/wait.ts'
import { closeLater } from './clients.ts'

export async function brokerWith(options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, log: quietLog(), ...options })
  await broker.start()
  closeLater(() => broker.stop())
  return broker
}

/** A client of mqtt.js that is still connecting. */
export function connecting(broker: EmbeddedBroker, options: IClientOptions = {}): MqttClient {
  const client = connect({ protocol: 'mqtt', host: '127.0.0.1', port: broker.port, reconnectPeriod: 0, ...options })
  client.on('error', () => undefined)
  closeLater(() => client.endAsync(true))
  return client
}

export async function mqttClient(broker: EmbeddedBroker, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connecting(broker, options)
  await until(() => client.connected, { what: 'the connection' })
  return client
}

export function rawSocket(broker: EmbeddedBroker): { socket: Socket; received: () => Buffer; closed: Promise<void> } {
  const socket = connectSocket(broker.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => chunks.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  closeLater(async () => socket.destroy())
  return { socket, received: () => Buffer.concat(chunks), closed }
}

/** The bytes of a CONNECT, client id "a". */
export const CONNECT = Buffer.from('100d00044d5154540402003c000161', 'hex')
