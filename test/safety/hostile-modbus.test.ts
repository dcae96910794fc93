// Modbus devices that mean harm, over Modbus TCP and RTU over TCP: whatever they do is a bad sample with its reason. It costs the
// device beside them nothing, no memory that grows, no write, and never a second connection.
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  BAD_CONNECTION_CLOSED,
  BAD_DECODING,
  BAD_NOT_CONNECTED,
  BAD_TIMEOUT,
  BAD_UNEXPECTED_REPLY,
  GOOD,
  qualityClass
} from '#contract/quality.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { seeded } from '../parts/fault-proxy.ts'
import { type Behaviour, type Frames, HostilePlc } from '../parts/hostile-plc.ts'
import { frame } from '../parts/raw-modbus.ts'
import { type DeviceInput, readDevices } from '../parts/reading-devices.ts'
import { rtuFrame } from '../parts/serial-frames.ts'
import { StoppedServer } from '../parts/stopped-server.ts'
import { until } from '../parts/wait.ts'

const MEBIBYTE = 2 ** 20
// Generous: other tests run in the same process.
const MOST_GROWTH = 200 * MEBIBYTE
const value = [3, 2, 0xde, 0xad]

const random = seeded(7)
const garbage = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))

const longReply = (frames: Frames) => {
  const pdu = [3, 250, ...Array(250).fill(1)]
  return frames === 'rtu' ? rtuFrame(1, pdu) : frame(0, 1, pdu)
}

// One byte at a time, without an end, as long as the connection stands.
function drip(socket: Socket, bytes: Buffer): void {
  let at = 0
  const timer = setInterval(() => socket.write(Buffer.from([bytes[at++ % bytes.length] ?? 0])), 20)
  socket.once('close', () => clearInterval(timer))
}

// Without an end, as long as the connection stands and takes it.
function flood(socket: Socket, block: Buffer): void {
  const timer = setInterval(() => socket.writableNeedDrain || socket.write(block), 5)
  socket.once('close', () => clearInterval(timer))
}

const unaskedReplies = (frames: Frames) =>
  Buffer.concat(
    Array.from({ length: 5000 }, (_, i) =>
      frames === 'rtu' ? rtuFrame(1, value) : Buffer.from([i >> 8, i & 0xff, 0, 0, 0, 5, 1, ...value])
    )
  )

// Where the timing decides, one of several.
type Case = [name: string, behaviour: (frames: Frames) => Behaviour, mbap: number, rtu: number, also?: number]
const cases: Case[] = [
  ['answers with garbage', () => ({ asked: ({ socket }) => socket.write(garbage(200)) }), BAD_DECODING, BAD_DECODING],
  ['answers with a MiB of zeros', () => ({ asked: ({ socket }) => socket.write(Buffer.alloc(MEBIBYTE)) }), BAD_DECODING, BAD_DECODING],
  [
    'cuts its answer off and says goodbye',
    () => ({ asked: ({ socket, reply }) => socket.end(reply(value).subarray(0, -1)) }),
    BAD_CONNECTION_CLOSED,
    BAD_CONNECTION_CLOSED
  ],
  [
    'cuts its answer off and says nothing',
    () => ({ asked: ({ socket, reply }) => socket.write(reply(value).subarray(0, -1)) }),
    BAD_TIMEOUT,
    BAD_TIMEOUT
  ],
  [
    'announces more than a frame can hold',
    (frames) => ({
      asked: ({ socket, transaction }) =>
        socket.write(frames === 'rtu' ? Buffer.from([1, 3, 255]) : Buffer.from([transaction >> 8, transaction & 255, 0, 0, 255, 255, 1]))
    }),
    BAD_DECODING,
    BAD_TIMEOUT
  ],
  [
    'answers more than it was asked for',
    () => ({ asked: ({ socket, reply }) => socket.write(reply([3, 250, ...Array(250).fill(1)])) }),
    BAD_UNEXPECTED_REPLY,
    BAD_UNEXPECTED_REPLY
  ],
  [
    'answers for another unit',
    () => ({ asked: ({ socket, reply }) => socket.write(reply(value, { unit: 9 })) }),
    BAD_UNEXPECTED_REPLY,
    BAD_UNEXPECTED_REPLY
  ],
  [
    'answers with a write',
    () => ({ asked: ({ socket, reply }) => socket.write(reply([6, 0, 10, 1])) }),
    BAD_UNEXPECTED_REPLY,
    BAD_DECODING
  ],
  [
    'answers another request',
    () => ({ asked: ({ socket, reply, transaction }) => socket.write(reply([4, ...value.slice(1)], { transaction: transaction + 1 })) }),
    BAD_TIMEOUT,
    BAD_UNEXPECTED_REPLY
  ],
  [
    'drips an answer that never ends',
    (frames) => ({ connected: (socket) => void socket.once('data', () => drip(socket, longReply(frames))) }),
    BAD_TIMEOUT,
    BAD_TIMEOUT
  ],
  [
    'resets within its answer',
    () => ({
      asked({ socket, reply }) {
        socket.write(reply(value).subarray(0, 4), () => socket.resetAndDestroy())
      }
    }),
    BAD_CONNECTION_CLOSED,
    BAD_CONNECTION_CLOSED
  ],
  ['takes the connection and is silent', () => ({}), BAD_TIMEOUT, BAD_TIMEOUT],
  [
    'takes the connection and resets it',
    () => ({ connected: (socket) => void socket.resetAndDestroy() }),
    BAD_CONNECTION_CLOSED,
    BAD_NOT_CONNECTED,
    BAD_NOT_CONNECTED
  ],
  ['closes its half at the first question', () => ({ asked: ({ socket }) => socket.end() }), BAD_CONNECTION_CLOSED, BAD_CONNECTION_CLOSED],
  [
    'floods with replies nobody asked for',
    (frames) => ({ connected: (socket) => flood(socket, unaskedReplies(frames)) }),
    BAD_UNEXPECTED_REPLY,
    BAD_NOT_CONNECTED
  ],
  [
    'floods after each question',
    (frames) => ({ asked: ({ socket }) => flood(socket, unaskedReplies(frames)) }),
    BAD_UNEXPECTED_REPLY,
    BAD_UNEXPECTED_REPLY
  ]
]

const tags = (name: string) => [{ name, at: 'holding 10 uint16' }]
const protocolOf = (frames: Frames) => ({ protocol: frames === 'rtu' ? 'modbus-rtu-over-tcp' : 'modbus-tcp' }) as const

describe.each(['mbap', 'rtu'] as const)('with %s frames, a device that', (frames) => {
  it.concurrent.each(cases)('%s', async (_name, behaviour, mbap, rtu, also) => {
    const expected = frames === 'rtu' ? rtu : mbap
    const rss = process.memoryUsage.rss()
    await using hostile = await HostilePlc.start(frames, behaviour(frames))
    await using good = await AddressPlc.start({ frames })
    const victim: DeviceInput = { ...protocolOf(frames), port: hostile.port, connectTimeoutMs: 400, tags: tags('harmed') }
    const neighbour: DeviceInput = { ...protocolOf(frames), port: good.port, timeoutMs: 10_000, tags: tags('beside') }
    await using devices = readDevices([victim, neighbour])
    const harmed = () => devices.of('harmed')
    await until(() => harmed().length >= 8 && harmed().some(({ quality }) => quality === expected || quality === also), {
      what: `quality ${expected.toString(16)}`
    })
    await until(() => devices.of('beside').length >= 8, { what: 'samples of the neighbour' })
    expect(harmed().map((sample) => [sample.value, qualityClass(sample.quality)])).toEqual(harmed().map(() => [null, 'bad']))
    expect(devices.of('beside').map((sample) => [sample.value, sample.quality])).toEqual(devices.of('beside').map(() => [10, GOOD]))
    expect(hostile.mostOpen).toBeLessThanOrEqual(1)
    expect(good.connections).toBe(1)
    expect(new Set(hostile.requests.map(({ functionCode }) => functionCode)).difference(new Set([3]))).toEqual(new Set())
    expect(devices.sources.map((source) => source.health().refused)).toEqual([0, 0])
    expect(process.memoryUsage.rss() - rss).toBeLessThan(MOST_GROWTH)
  })

  it.concurrent('says without end that more of its identity follows is asked 16 times and read on', async () => {
    await using hostile = await HostilePlc.start(frames, {
      asked({ socket, functionCode, pdu, reply }) {
        const id = pdu[3] ?? 0
        socket.write(functionCode === 43 ? reply([43, 14, 2, 1, 0xff, id + 1, 1, id, 1, 65]) : reply([3, 2, 0, 10]))
      }
    })
    await using devices = readDevices([
      { ...protocolOf(frames), port: hostile.port, timeoutMs: 10_000, identify: true, tags: tags('read') }
    ])
    const identifications = () => hostile.requests.filter(({ functionCode }) => functionCode === 43)
    await until(() => identifications().length === 16, { what: '16 questions' })
    const before = devices.samples.length
    await until(() => devices.samples.length >= before + 5, { what: 'samples afterwards' })
    expect(identifications()).toHaveLength(16)
    expect(devices.events).toEqual([])
    expect(devices.samples.every(({ quality }) => quality === GOOD)).toBe(true)
    expect(hostile.mostOpen).toBe(1)
  })
})

it('a device that does not take connections costs one attempt at a time, and leaves nothing behind', async () => {
  await using stopped = await StoppedServer.start()
  await using good = await AddressPlc.start()
  await using devices = readDevices([
    { port: stopped.port, connectTimeoutMs: 200, tags: tags('harmed') },
    { port: good.port, timeoutMs: 10_000, tags: tags('beside') }
  ])
  await until(() => devices.of('harmed').length >= 10 && devices.of('beside').length >= 10, { what: 'samples of both' })
  expect(new Set(devices.of('harmed').map(({ quality }) => quality))).toEqual(new Set([BAD_NOT_CONNECTED]))
  expect(devices.of('beside').every(({ quality }) => quality === GOOD)).toBe(true)
  await devices[Symbol.asyncDispose]()
  expect(await stopped.wakeAndCount()).toBe(stopped.fillers)
})
