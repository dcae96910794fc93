// How a device is spared: asked less often when it answers slowly, and as its make needs to be asked.
import { describe, expect, it } from 'vitest'
import { GOOD } from '#contract/quality.ts'
import { Backoff } from '../../../agent/backoff.ts'
import { Breaker } from '../../../agent/modbus/breaker.ts'
import { Figures } from '../../../agent/modbus/figures.ts'
import { Pace } from '../../../agent/modbus/pace.ts'
import { phaseOf } from '../../../agent/phase.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { readDevices } from '../../parts/reading-devices.ts'
import { until } from '../../parts/wait.ts'

const patient = { timeoutMs: 10_000 }
const tag = (name: string, at: string) => ({ name, at })
const level = [tag('level', 'holding 10 uint16')]

describe('the pace', () => {
  const answers = (pace: Pace, ms: number, count: number) =>
    Array.from({ length: count }, () => pace.answered(ms)).some((changed) => changed)

  const shareAfter = (pace: Pace, ms: number) => {
    answers(pace, ms, 40)
    return pace.share
  }

  it('halves down to an eighth while answers take more than three times as long, and comes back by steps', () => {
    const pace = new Pace()
    answers(pace, 50, 40)
    expect([answers(pace, 145, 40), pace.share]).toEqual([false, 1])
    const shares = Array.from({ length: 5 }, () => shareAfter(pace, 250))
    expect(shares).toEqual([0.5, 0.25, 0.125, 0.125, 0.125])
    // Two good judgements for each step up; what is in between changes nothing.
    shareAfter(pace, 150)
    const back = Array.from({ length: 7 }, () => shareAfter(pace, 50))
    expect(back).toEqual([0.125, 0.25, 0.25, 0.5, 0.5, 1, 1])
  })

  it('takes two slow answers in forty for chance, and noise on a quiet network for nothing', () => {
    const pace = new Pace()
    answers(pace, 10, 40)
    answers(pace, 10, 38)
    expect([pace.answered(900), pace.answered(900), pace.share]).toEqual([false, false, 1])
    const near = new Pace()
    answers(near, 0.2, 40)
    expect([answers(near, 59, 40), near.share]).toEqual([false, 1])
    expect([answers(near, 61, 40), near.share]).toEqual([true, 0.5])
  })

  it('takes a way that stays slow for the usual one in the end', () => {
    const pace = new Pace()
    answers(pace, 50, 40)
    answers(pace, 200, 80)
    expect(pace.share).toBe(0.25)
    answers(pace, 200, 2000)
    expect(pace.share).toBe(1)
  })

  it('reads one cycle in so many', () => {
    const pace = new Pace()
    answers(pace, 10, 40)
    answers(pace, 100, 80)
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((cycle) => pace.reads(cycle))).toEqual([0, 4, 8])
  })
})

it('a breaker opens at three timeouts in a row, allows one probe after its pause, and closes with an answer', () => {
  let now = 0
  const backoff = new Backoff({ firstMs: 1000, mostMs: 300_000, random: () => 0.5 })
  const breaker = new Breaker({ backoff, shortestMs: 600, now: () => now })
  for (let i = 0; i < 2; i++) breaker.unanswered()
  breaker.answered()
  for (let i = 0; i < 3; i++) breaker.unanswered()
  expect([breaker.isOpen, breaker.takeProbe()]).toEqual([true, false])
  // Half of 1, 2, 4 ... 300 s, but never more often than the device is read.
  const pauses: number[] = []
  for (let i = 0; i < 11; i++) {
    const from = now
    while (!breaker.takeProbe()) now += 100
    expect(breaker.takeProbe()).toBe(false)
    pauses.push(now - from)
    breaker.unanswered()
  }
  expect(pauses).toEqual([600, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 150_000, 150_000])
  now += 150_000
  expect(breaker.takeProbe()).toBe(true)
  breaker.notAsked()
  expect(breaker.takeProbe()).toBe(true)
  breaker.answered()
  expect(breaker.isOpen).toBe(false)
})

it('availability is the share of answered reads of the last hour', () => {
  let now = 0
  const figures = new Figures({ now: () => now })
  expect(figures.availability).toBeNull()
  for (let minute = 0; minute < 30; minute++, now += 60_000) figures.due(false)
  for (let minute = 0; minute < 30; minute++, now += 60_000) figures.due(true)
  expect(figures.availability).toBeCloseTo(30 / 59, 6)
  now += 15 * 60_000
  expect(figures.availability).toBeCloseTo(30 / 44, 6)
  now += 60 * 60_000
  expect(figures.availability).toBeNull()
})

it('phases are spread, steady, and other for other devices', () => {
  const phases = Array.from({ length: 100 }, (_, index) => phaseOf({ id: `plc-${index}`, index, group: 0, groups: 1 }))
  expect(phases).toEqual(Array.from({ length: 100 }, (_, index) => phaseOf({ id: `plc-${index}`, index, group: 0, groups: 1 })))
  for (const phase of phases) expect(phase).toSatisfy((value: number) => value >= 0 && value < 1)
  for (let tenth = 0; tenth < 10; tenth++) {
    const inTenth = phases.filter((phase) => Math.floor(phase * 10) === tenth).length
    expect(inTenth).toBeGreaterThan(4)
    expect(inTenth).toBeLessThan(17)
  }
  const [first, second] = [0, 1].map((group) => phaseOf({ id: 'plc-1', index: 0, group, groups: 2 }))
  expect(Math.abs((first ?? 0) - (second ?? 0))).toBeGreaterThan(0.3)
  expect(phaseOf({ id: 'a', index: 0, group: 0, groups: 1 })).not.toBe(phaseOf({ id: 'b', index: 0, group: 0, groups: 1 }))
})

describe('a device', () => {
  it.concurrent('that answers slowly all at once is asked half as often, and what is left out is told', async () => {
    await using plc = await AddressPlc.start()
    const devices = readDevices([{ ...patient, port: plc.port, cadenceMs: 50, tags: level }])
    try {
      await until(() => devices.samples.length >= 60, { what: 'its usual pace' })
      expect(devices.sources[0]?.health()).not.toHaveProperty('slowedTo')
      plc.options.delayMs = 200
      const slowed = await until(() => devices.sources[0]?.health().slowedTo, { what: 'a slower pace', timeoutMs: 60_000 })
      expect(slowed).toBe(0.5)
    } finally {
      await devices[Symbol.asyncDispose]()
    }
    expect(devices.samples.every(({ value, quality }) => value === 10 && quality === GOOD)).toBe(true)
    const left = devices.missed.filter(({ reason }) => reason === 'device-slow')
    expect(left.reduce((sum, { samples }) => sum + (samples ?? 0), 0)).toBeGreaterThan(0)
  })

  it.concurrent('that is busy is asked ever more seldom, and at once as before when it is not', async () => {
    await using plc = await AddressPlc.start({ exception: 5 })
    await using devices = readDevices([{ ...patient, port: plc.port, cadenceMs: 50, tags: level }])
    await until(() => devices.samples.length >= 30, { what: 'thirty cycles' })
    expect(plc.requests.length).toBeLessThan(8)
    expect(devices.samples.every(({ value }) => value === null)).toBe(true)
    plc.options.exception = undefined
    await until(() => devices.last('level')?.value === 10, { what: 'a good answer' })
    const from = plc.requests.length
    await until(() => plc.requests.length >= from + 10, { what: 'ten more cycles' })
  })

  it.concurrent('with one slot for connections has it back after each cycle', async () => {
    await using plc = await AddressPlc.start()
    await using devices = readDevices([{ ...patient, port: plc.port, cadenceMs: 250, quirks: { closeAfterCycle: true }, tags: level }])
    await until(() => devices.samples.length >= 1 && plc.open === 0, { what: 'a free slot after a cycle', everyMs: 2 })
    await until(() => devices.samples.length >= 5, { what: 'five cycles' })
    expect(devices.samples.every(({ value }) => value === 10)).toBe(true)
    expect(plc.connections).toBeGreaterThanOrEqual(5)
    expect(plc.mostOpen).toBe(1)
    expect(devices.sources[0]?.health()).toMatchObject({ state: 'online', failures: {} })
  })

  it.concurrent('that needs a while after a connection gets it, each time', async () => {
    await using plc = await AddressPlc.start()
    await using devices = readDevices([{ ...patient, port: plc.port, quirks: { pauseAfterConnectMs: 400 }, tags: level }])
    const pausedFrom = async (requests: number, connections: number) => {
      await until(() => plc.connections === connections, { what: 'the connection', everyMs: 1 })
      const connected = performance.now()
      await until(() => plc.requests.length > requests, { what: 'a request', everyMs: 1 })
      return (plc.requests[requests]?.at ?? 0) - connected
    }
    // The connection is seen a little late.
    expect(await pausedFrom(0, 1)).toBeGreaterThan(200)
    await until(() => devices.last('level')?.value === 10, { what: 'a value' })
    const asked = plc.requests.length
    plc.reset()
    await until(() => plc.connections === 2, { what: 'another connection', everyMs: 1 })
    expect(await pausedFrom(Math.max(asked, plc.requests.length), 2)).toBeGreaterThan(200)
  })

  it.concurrent('sees no more than its budget, whatever it does: identification, probes and the time after an outage included', async () => {
    await using plc = await AddressPlc.start({ illegal: [{ table: 'holding-register', from: 13, to: 13 }] })
    const budget = { requestsPerSecond: 10, minGapMs: 5, minCadenceMs: 50 }
    const wants = ['holding 10 uint16', 'holding 13 uint16', 'holding 15 uint16', 'coil 0', 'input 0 uint16'].map((at, i) =>
      tag(`t${i}`, at)
    )
    await using devices = readDevices([
      { port: plc.port, timeoutMs: 100, cadenceMs: 50, budget, identify: true, serverId: true, tags: wants }
    ])
    const good = (count: number) => {
      const from = devices.samples.length
      return until(() => devices.samples.slice(from).filter(({ quality }) => quality === GOOD).length >= count, {
        what: `${count} good samples`
      })
    }
    await good(8)
    plc.options.units = []
    await until(() => devices.samples.filter(({ value }) => value === null).length >= 60, { what: 'silence' })
    delete plc.options.units
    await good(8)
    plc.options.exception = 4
    await until(() => plc.requests.length >= 60, { what: 'exceptions' })
    plc.options.exception = undefined
    plc.reset()
    await good(8)
    expect(plc.requests.map(({ functionCode }) => functionCode)).toEqual(expect.arrayContaining([1, 3, 4, 43]))
    const times = plc.requests.map(({ at }) => at)
    // The PLC sees a request a little after it was sent, so ten may seem nearer to each other than they were.
    for (let i = 10; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 10] ?? 0)).toBeGreaterThan(500)
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
    expect(times.length).toBeLessThanOrEqual(10 * (Math.ceil(seconds) + 1))
  })

  const tags = [tag('a', 'holding 10 uint16'), tag('b', 'holding 11 uint16'), tag('c', 'holding 14 int32'), tag('d', 'holding 10 bit:3')]
  it.concurrent.each([
    [{ addressBase: 0 as const }, ['10+6']],
    [{ noGapReads: true }, ['10+2', '14+2']],
    [{ oneTagPerRead: true }, ['10+1', '11+1', '14+2']],
    [{ addressBase: 1 as const }, ['9+6']]
  ])('with the quirks %j is asked for %j', async (quirks, requests) => {
    await using plc = await AddressPlc.start()
    await using devices = readDevices([{ ...patient, port: plc.port, quirks, tags }])
    await until(() => tags.every(({ name }) => devices.last(name)?.quality === GOOD), { what: 'all tags' })
    expect(new Set(plc.requests.map(({ address, quantity }) => `${address}+${quantity}`))).toEqual(new Set(requests))
    expect(devices.last('b')?.value).toBe('addressBase' in quirks && quirks.addressBase === 1 ? 10 : 11)
  })
})
