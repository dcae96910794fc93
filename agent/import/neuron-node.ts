// How a node of Neuron reaches its device, and how it counts and orders unless a tag says otherwise.
import { z } from 'zod'
import type { ByteOrder } from '../modbus/registers.ts'
import type { Connection, DraftDevice, Notes } from './draft.ts'

export interface NeuronNode {
  name: string
  plugin: string
  params: Record<string, unknown>
}

export interface NeuronReach {
  connection: Connection
  waits: Pick<DraftDevice, 'timeoutMs' | 'minGapMs'>
  /** What the first register is called, 1 or 0. */
  addressBase: 0 | 1
  order32: ByteOrder
  order64: ByteOrder
}

// The numbers by which Neuron's settings name the speeds, parities and so on of a line.
const BAUD = [115_200, 57_600, 38_400, 19_200, 9600, 4800, 2400, 1800, 1200, 600, 300]
const PARITY = ['none', 'odd', 'even'] as const
const ORDERS_32: readonly ByteOrder[] = ['ABCD', 'BADC', 'DCBA', 'CDAB']

/** Undefined, with a note, when we have no such connection. */
export function connectionOfNode({ name, plugin, params }: NeuronNode, notes: Notes): NeuronReach | undefined {
  const refuse = (zh: string, en: string) => void notes.left(`nodes ${name}`, zh, en)
  const number = (key: string) => z.number().safeParse(params[key]).data
  if (number('connection_mode') === 1) return refuse('设备主动连接（服务端模式）', 'the device connects by itself (server mode)')
  if (number('transport_mode') === 1) return refuse('经 UDP', 'over UDP')
  const serial = /rtu/i.test(plugin) && number('link') !== 1
  const connection = serial ? lineOf(params) : networkOf(plugin, params)
  if (connection === undefined) return refuse('没有设备地址（params）', 'there is no address of a device (params)')
  const timeoutMs = number('timeout')
  const minGapMs = number('interval')
  return {
    connection,
    waits: {
      ...(timeoutMs === undefined ? {} : { timeoutMs: Math.round(Math.min(60_000, Math.max(50, timeoutMs))) }),
      ...(minGapMs === undefined ? {} : { minGapMs: Math.round(Math.min(10_000, Math.max(0, minGapMs))) })
    },
    addressBase: number('address_base') === 0 ? 0 : 1,
    order32: ORDERS_32[(number('endianess') ?? 1) - 1] ?? 'ABCD',
    order64: order64Of(number('endianess_64'), name, notes)
  }
}

// Of the 64-bit orders only the plain one is described beyond doubt.
function order64Of(said: number | undefined, name: string, notes: Notes): ByteOrder {
  if (said !== undefined && said !== 1)
    notes.changed(`nodes ${name}`, '64 位字节序按 ABCD 导入，请用 decode 核对', '64-bit values are taken as ABCD; check them with decode')
  return 'ABCD'
}

function networkOf(plugin: string, params: Record<string, unknown>): Connection | undefined {
  const { data } = z.looseObject({ host: z.string().min(1).max(253), port: z.int().min(1).max(65535).default(502) }).safeParse(params)
  if (data === undefined) return undefined
  return { protocol: /rtu/i.test(plugin) ? 'modbus-rtu-over-tcp' : 'modbus-tcp', host: data.host, port: data.port }
}

function lineOf(params: Record<string, unknown>): Connection | undefined {
  const path = z.string().min(1).max(200).safeParse(params['device']).data
  if (path === undefined) return undefined
  const number = (key: string) => z.int().min(0).safeParse(params[key]).data
  const said = number('baud') ?? 4
  const baudRate = BAUD[said] ?? Math.min(921_600, Math.max(300, said))
  const parity = PARITY[number('parity') ?? 0] ?? 'none'
  const dataBits = number('data') === 2 || number('data') === 7 ? 7 : 8
  const stopBits = number('stop') === 1 ? 2 : 1
  return { protocol: 'modbus-rtu', path, baudRate, parity, dataBits, stopBits }
}
