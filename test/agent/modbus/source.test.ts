// Devices that are polled over real sockets: every due tag gives a sample, and a bad one says why.
import { describe, expect, it } from 'vitest'
import {
  BAD_ADDRESS_REFUSED,
  BAD_CONNECTION_CLOSED,
  BAD_DECODING,
  BAD_DEVICE_BUSY,
  BAD_NOT_CONNECTED,
  BAD_TIMEOUT,
  BAD_UNEXPECTED_REPLY,
  GOOD,
  isBad
} from '#contract/quality.ts'
import { AddressPlc, type AddressPlcOptions } from '../../parts/address-plc.ts'
import { type Fault, FaultProxy } from '../../parts/fault-proxy.ts'
import { type DeviceInput, type ReadingDevices, readDevices } from '../../parts/reading-devices.ts'
import { freePort, until } from '../../parts/wait.ts'

const plcOf = (options: AddressPlcOptions = {}, port = 0) => AddressPlc.start(options, port)
const read = (...inputs: DeviceInput[]) => readDevices(inputs)

const tag = (name: string, at: string, more = {}) => ({ name, at, ...more })
const level = [tag('level', 'holding 10 uint16')]
// For devices that are to answer, however slow the machine is.
const patient = { timeoutMs: 10_000 }
const becomes = (devices: ReadingDevices, name: string, quality: number) =>
  until(() => devices.last(name)?.quality === quality, { what: `quality ${quality.toString(16)} of ${name}` })

describe('a device', () => {
  it.concurrent('gives every tag its own value from all four tables over one connection', async () => {
    await using plc = await plcOf()
    await using devices = read({
      ...patient,
      port: plc.port,
      tags: [
        tag('h', 'holding 10 uint16'),
        tag('far', 'holding 900 int16', { scale: 0.1 }),
        tag('i', 'input 0 uint32'),
        tag('c', 'coil 3'),
        tag('d', 'discrete 4'),
        tag('bit', 'holding 11 bit:0'),
        tag('slow', 'holding 12 uint16', { cadenceMs: 250 })
      ]
    })
    await until(() => devices.of('slow').length >= 3, { what: 'three slow cycles' })
    const values = Object.fromEntries(['h', 'far', 'i', 'c', 'd', 'bit', 'slow'].map((name) => [name, devices.last(name)?.value]))
    expect(values).toEqual({ h: 10, far: 90, i: 1, c: 1, d: 0, bit: 1, slow: 12 })
    expect(devices.samples.every((sample) => sample.quality === GOOD)).toBe(true)
    expect(plc.connections).toBe(1)
    expect(devices.of('h').length).toBeGreaterThan(devices.of('slow').length)
    // h and bit are neighbours and are read together; slow has a cadence of its own.
    expect(
      new Set(plc.requests.filter((request) => request.functionCode === 3).map(({ address, quantity }) => `${address}+${quantity}`))
    ).toEqual(new Set(['10+2', '900+1', '12+1']))
  })

  it.concurrent('tells its health', async () => {
    await using plc = await plcOf()
    await using devices = read({ ...patient, port: plc.port, tags: level })
    await until(() => devices.samples.length >= 3, { what: 'three cycles' })
    const health = devices.sources[0]?.health()
    expect(health).toMatchObject({ id: 'plc-1', state: 'online', refused: 0, failures: {}, staleReplies: 0, connects: 1 })
    expect(health?.requests['3']).toBeGreaterThanOrEqual(3)
    expect(health?.lastGoodAt).toBeGreaterThan(1_600_000_000_000)
    expect(health?.roundTripP95Ms).toBeGreaterThanOrEqual(health?.roundTripP50Ms ?? Number.NaN)
  })

  const reasons: [Fault, number][] = [
    ['reset', BAD_CONNECTION_CLOSED],
    ['stall', BAD_TIMEOUT],
    ['late', BAD_TIMEOUT],
    ['half-open', BAD_TIMEOUT],
    ['other-transaction', BAD_TIMEOUT],
    ['other-unit', BAD_UNEXPECTED_REPLY],
    ['garbage', BAD_DECODING],
    ['oversized', BAD_DECODING],
    ['truncated', BAD_CONNECTION_CLOSED]
  ]
  it.concurrent.each(reasons)(
    'that answers with %s gives bad samples with the reason, never an old value, and comes back',
    async (fault, quality) => {
      await using plc = await plcOf()
      await using proxy = await FaultProxy.start({ port: plc.port })
      await using devices = read({ port: proxy.port, tags: level })
      await becomes(devices, 'level', GOOD)
      proxy.lateMs = 300
      proxy.fault = fault
      await becomes(devices, 'level', quality)
      // From here each sample of the outage is bad and has no value, whatever connects and breaks meanwhile.
      const before = devices.samples.length
      await until(() => devices.samples.length >= before + 5, { what: 'samples during the outage' })
      proxy.fault = 'none'
      const outage = devices.samples.slice(before, before + 5)
      expect(outage.map((sample) => [sample.value, isBad(sample.quality)])).toEqual(outage.map(() => [null, true]))
      await becomes(devices, 'level', GOOD)
      expect(devices.last('level')?.value).toBe(10)
      expect(proxy.mostOpen).toBe(1)
    }
  )

  it.concurrent('that is not there is bad from the first sample on, and is found when it comes', async () => {
    const port = await freePort()
    await using devices = read({ port, tags: level })
    await until(() => devices.samples.length >= 3, { what: 'samples of a device that is not there' })
    expect(new Set(devices.samples.map((sample) => sample.quality))).toEqual(new Set([BAD_NOT_CONNECTED]))
    await using _plc = await plcOf({}, port)
    await becomes(devices, 'level', GOOD)
  })

  it.concurrent('that is silent still gives samples at the cadence', async () => {
    await using plc = await plcOf({ units: [] })
    await using devices = read({ port: plc.port, timeoutMs: 1000, tags: level })
    await until(() => devices.samples.length >= 12, { what: 'samples of a silent device' })
    const [first, last] = [devices.samples[1], devices.samples[11]]
    // Ten cadences of 100 ms, although each request waits for a second.
    expect((last?.time ?? 0) - (first?.time ?? 0)).toBeLessThan(5000)
    expect(devices.samples.every((sample) => sample.quality === BAD_TIMEOUT)).toBe(true)
    expect(plc.requests.length).toBeLessThan(5)
    expect(devices.sources[0]?.late).toBeGreaterThan(0)
  })
})

describe('an address that the device refuses', () => {
  const tags = Array.from({ length: 16 }, (_, i) => tag(`t${i}`, `holding ${i} uint16`))

  it.concurrent('is found and takes nobody with it', async () => {
    await using plc = await plcOf({ illegal: [{ table: 'holding-register', from: 5, to: 5 }] })
    await using devices = read({ ...patient, port: plc.port, tags })
    await until(() => tags.every(({ name }) => (name === 't5') === (devices.last(name)?.quality === BAD_ADDRESS_REFUSED)), {
      what: 'all but t5 to be good'
    })
    for (const { name } of tags.filter((one) => one.name !== 't5')) expect(devices.last(name)?.value).toBe(Number(name.slice(1)))
    // Once it is known, two requests read the rest, and the refused address is left alone.
    const from = plc.requests.length
    await until(() => plc.requests.length >= from + 20, { what: 'some cycles after the search' })
    const after = plc.requests.slice(from + 10).map(({ address, quantity }) => `${address}+${quantity}`)
    expect(new Set(after)).toEqual(new Set(['0+5', '6+10']))
    expect(devices.last('t5')).toMatchObject({ value: null, quality: BAD_ADDRESS_REFUSED })
    expect(devices.sources[0]?.health()).toMatchObject({ state: 'degraded' })
  })

  it.concurrent('may lie between two tags', async () => {
    await using plc = await plcOf({ illegal: [{ table: 'holding-register', from: 8, to: 9 }] })
    await using devices = read({ port: plc.port, tags: [tag('a', 'holding 7 uint16'), tag('b', 'holding 10 uint16')] })
    await until(() => devices.last('a')?.value === 7 && devices.last('b')?.value === 10, { what: 'both sides of the hole' })
    expect(devices.sources[0]?.health().state).toBe('online')
  })
})

it.concurrent('a busy device is let alone for a cycle', async () => {
  await using plc = await plcOf({ exception: 6 })
  await using devices = read({ port: plc.port, tags: level })
  await until(() => devices.samples.length >= 8, { what: 'samples of a busy device' })
  expect(devices.samples.every((sample) => sample.quality === BAD_DEVICE_BUSY && sample.value === null)).toBe(true)
  expect(plc.requests.length).toBeLessThanOrEqual(Math.ceil(devices.samples.length / 2) + 1)
  plc.options.exception = undefined
  await becomes(devices, 'level', GOOD)
})

it.concurrent('a dead device does not disturb another', async () => {
  await using silent = await plcOf({ units: [] })
  await using good = await plcOf()
  await using devices = read({ port: silent.port, tags: [tag('dead', 'holding 1 uint16')] }, { ...patient, port: good.port, tags: level })
  await until(() => devices.of('level').length >= 10, { what: 'ten cycles of the good device' })
  expect(devices.of('level').every((sample) => sample.value === 10)).toBe(true)
  expect(devices.of('dead').every((sample) => sample.quality === BAD_TIMEOUT)).toBe(true)
})

it.concurrent('units behind one gateway share its connection, and a dead unit costs the others little', async () => {
  await using gateway = await plcOf({ units: [1] })
  await using devices = read(
    { ...patient, port: gateway.port, unit: 1, tags: level },
    { port: gateway.port, unit: 2, tags: [tag('dead', 'holding 1 uint16')] }
  )
  await until(() => devices.of('level').length >= 15, { what: 'fifteen cycles of the good unit' })
  expect(devices.of('level').every((sample) => sample.value === 10)).toBe(true)
  expect(devices.of('dead').every((sample) => sample.quality === BAD_TIMEOUT)).toBe(true)
  expect(gateway.connections).toBe(1)
  const asked = gateway.requests.filter((request) => request.unit === 2).length
  expect(asked).toBeLessThan(gateway.requests.filter((request) => request.unit === 1).length)
})

it.concurrent('keeps to the budget of the device whatever the plan wants', async () => {
  await using plc = await plcOf()
  const budget = { requestsPerSecond: 5, minGapMs: 20, minCadenceMs: 50 }
  await using _devices = read({
    port: plc.port,
    budget,
    tags: [tag('a', 'holding 0 uint16'), tag('b', 'coil 0'), tag('c', 'input 0 uint16')]
  })
  await until(() => plc.requests.length >= 12, { what: 'twelve requests' })
  const times = plc.requests.map((request) => request.at)
  // The device sees a request a little after it was sent, so a window of a second may seem shorter; the plan wants 30 a second.
  for (let i = 5; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 5] ?? 0)).toBeGreaterThan(500)
})
