// Several units behind one connection: each keeps its own budget, and a dead one costs the others nothing.
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import { Budget } from '../../../agent/budget.ts'
import { seatOf, Turns } from '../../../agent/modbus/turns.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { type DeviceInput, readDevices } from '../../parts/reading-devices.ts'
import { until } from '../../parts/wait.ts'

const patient = { timeoutMs: 10_000 }
const tag = (name: string, at: string) => ({ name, at })
const PROTOCOL = { mbap: 'modbus-tcp', rtu: 'modbus-rtu-over-tcp' } as const

describe('a dead unit beside live ones', () => {
  it.concurrent.each(['mbap', 'rtu'] as const)('costs them no sample (%s)', async (frames) => {
    await using gateway = await AddressPlc.start({ units: [2, 3], frames })
    const at = { protocol: PROTOCOL[frames], port: gateway.port, cadenceMs: 500 }
    const inputs: DeviceInput[] = [
      { ...at, unit: 1, timeoutMs: 300, tags: [tag('dead', 'holding 1 uint16'), tag('dead.far', 'holding 500 uint32')] },
      { ...at, ...patient, unit: 2, tags: [tag('two', 'holding 20 uint16'), tag('two.coil', 'coil 3')] },
      { ...at, ...patient, unit: 3, tags: [tag('three', 'input 30 uint16')] }
    ]
    const devices = readDevices(inputs)
    try {
      await until(() => devices.of('two').length >= 10 && devices.of('three').length >= 10, { what: 'ten cycles of the live units' })
    } finally {
      await devices[Symbol.asyncDispose]()
    }
    const live = devices.samples.filter(({ tag }) => !tag.startsWith('dead'))
    expect(live.filter(({ quality }) => quality !== GOOD)).toEqual([])
    expect(new Set(live.map(({ tag, value }) => `${tag} ${value}`))).toEqual(new Set(['two 20', 'two.coil 1', 'three 30']))
    // What a pause of this whole process costs is not the dead unit's doing.
    expect(devices.missed.filter(({ device, reason }) => device !== 'plc-1' && reason !== 'agent-down')).toEqual([])
    expect(devices.of('dead').every(({ quality, value }) => quality === BAD_TIMEOUT && value === null)).toBe(true)
    expect(gateway.mostOpen).toBe(1)
  })

  it.concurrent.each(['mbap', 'rtu'] as const)(
    'that answers too late, in the time of another, gives it no wrong value (%s)',
    async (frames) => {
      // The first unit answers 130 ms after it was given up, while another is waited for on the same line.
      await using gateway = await AddressPlc.start({ frames, delays: { 1: 230, 2: 120, 3: 120 } })
      const at = { protocol: PROTOCOL[frames], port: gateway.port, cadenceMs: 600, timeoutMs: 500 }
      await using devices = readDevices([
        { ...at, unit: 1, timeoutMs: 100, tags: [tag('late', 'holding 1 uint16')] },
        { ...at, unit: 2, tags: [tag('two', 'holding 20 uint16')] },
        { ...at, unit: 3, tags: [tag('three', 'holding 30 uint16')] }
      ])
      const good = (name: string) => devices.of(name).filter(({ quality }) => quality === GOOD)
      // Whoever was disturbed is asked again in its next cycle; the line never stands still for it.
      await until(() => good('two').length >= 4 && good('three').length >= 2, { what: 'answers of the live units' })
      const values = devices.samples.map(({ tag, value, quality }) => `${tag} ${quality === GOOD ? value : null}`)
      expect(['two 20', 'three 30', 'late null', 'two null', 'three null']).toEqual(expect.arrayContaining([...new Set(values)]))
      expect(gateway.mostOpen).toBe(1)
      expect(devices.sources[0]?.health().staleReplies).toBeGreaterThan(0)
      // Where answers carry ids, a late one disturbs nobody.
      if (frames === 'mbap') expect(new Set(values)).toEqual(new Set(['two 20', 'three 30', 'late null']))
    }
  )

  it.concurrent('is asked for one register now and then, says so at its cadence, and leaves one gap when it is back', async () => {
    await using gateway = await AddressPlc.start({ units: [2] })
    const at = { port: gateway.port, cadenceMs: 200 }
    await using devices = readDevices([
      { ...at, unit: 1, timeoutMs: 100, tags: [tag('dead', 'holding 10 float32'), tag('dead.too', 'holding 14 uint16')] },
      { ...at, ...patient, unit: 2, tags: [tag('live', 'holding 20 uint16')] }
    ])
    await until(() => devices.of('dead').length >= 14, { what: 'fourteen cycles of the dead unit' })
    const asked = gateway.requests.filter(({ unit }) => unit === 1)
    expect(asked.slice(0, 3).map(({ address, quantity }) => [address, quantity])).toEqual(Array.from({ length: 3 }, () => [10, 5]))
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.length).toBeLessThan(devices.of('dead').length)
    for (const { address, quantity } of asked.slice(3)) expect([address, quantity]).toEqual([10, 1])
    expect(devices.missed.filter(({ device }) => device === 'plc-1')).toEqual([])

    gateway.options.units = [1, 2]
    await until(() => devices.last('dead.too')?.value === 14, { what: 'the unit to be back' })
    const [gap, ...more] = devices.missed.filter(({ device, reason }) => device === 'plc-1' && reason === 'device-silent')
    expect(more).toEqual([])
    const silent = devices.of('dead').filter(({ quality }) => quality === BAD_TIMEOUT)
    expect(gap?.from).toBeLessThanOrEqual(silent[1]?.time ?? 0)
    expect(gap?.to).toBeGreaterThanOrEqual(silent.at(-1)?.time ?? Number.POSITIVE_INFINITY)
    // Two tags in each cycle; the three cycles that were asked in full and unanswered are bad samples, not a gap.
    expect(gap?.samples).toBeGreaterThanOrEqual(2 * (silent.length - 4))
    expect(gap?.samples).toBeLessThanOrEqual(2 * silent.length)
    const [health] = devices.sources.map((source) => source.health())
    expect(health?.availability).toBeGreaterThan(0)
    expect(health?.availability).toBeLessThan(1)
    expect(health?.budgetUse).toBeGreaterThan(0)
  })

  it.concurrent('is probed while the live one is seldom asked, without the connection being given up for long', async () => {
    await using gateway = await AddressPlc.start({ units: [2] })
    await using devices = readDevices([
      { port: gateway.port, unit: 1, cadenceMs: 100, timeoutMs: 50, tags: [tag('dead', 'holding 10 uint16')] },
      { ...patient, port: gateway.port, unit: 2, cadenceMs: 1500, tags: [tag('live', 'holding 20 uint16')] }
    ])
    await until(() => devices.of('live').length >= 3, { what: 'three cycles of the live unit' })
    expect(devices.of('live').map(({ value }) => value)).toEqual(devices.of('live').map(() => 20))
    expect(gateway.mostOpen).toBe(1)
  })
})

it.concurrent('a unit that wants much does not eat the share of one that wants little', async () => {
  await using gateway = await AddressPlc.start()
  const greedy = { requestsPerSecond: 8, minGapMs: 5, minCadenceMs: 50 }
  const devices = readDevices([
    { ...patient, port: gateway.port, unit: 1, cadenceMs: 50, budget: greedy, tags: [tag('a', 'holding 1 uint16'), tag('b', 'coil 1')] },
    { ...patient, port: gateway.port, unit: 2, cadenceMs: 400, tags: [tag('slow', 'holding 2 uint16')] }
  ])
  try {
    await until(() => devices.of('slow').length >= 8, { what: 'eight cycles of the modest unit' })
  } finally {
    await devices[Symbol.asyncDispose]()
  }
  expect(devices.of('slow').every(({ value }) => value === 2)).toBe(true)
  expect(devices.missed.filter(({ device, reason }) => device === 'plc-2' && reason !== 'agent-down')).toEqual([])
  // What the greedy one could not have within its budget is told, with how many samples.
  const [gap] = devices.missed.filter(({ device, reason }) => device === 'plc-1' && reason === 'device-slow')
  expect(gap?.samples).toBeGreaterThan(0)
  expect(gap?.to).toBeGreaterThan(gap?.from ?? Number.POSITIVE_INFINITY)
  const times = gateway.requests.filter(({ unit }) => unit === 1).map(({ at }) => at)
  // The gateway sees a request a little after it was sent.
  for (let i = 8; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 8] ?? 0)).toBeGreaterThan(500)
})

describe('turns on a line', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const anyUnit = fc.record({
    requestsPerSecond: fc.integer({ min: 1, max: 20 }),
    registersPerSecond: fc.integer({ min: 100, max: 300 }),
    // How long after the answer before the next request is wanted, how large it is, and how long it takes.
    requests: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 400 }), fc.boolean()),
      { minLength: 1, maxLength: 12 }
    )
  })

  it('keep every unit within its budget and the line single, whatever answers, stays away or pauses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyUnit, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 50 }), async (units, gapMs) => {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
        const turns = new Turns({ gapMs })
        const { signal } = new AbortController()
        const begun: { unit: number; at: number; registers: number }[] = []
        let open = 0
        let endedAt = Number.NEGATIVE_INFINITY
        const lives = units.map(async ({ requestsPerSecond, registersPerSecond, requests }, unit) => {
          const seat = seatOf(new Budget({ requestsPerSecond, registersPerSecond, minGapMs: 0 }))
          for (const [pause, registers, duration, answers] of requests) {
            await new Promise((resolve) => setTimeout(resolve, pause))
            await turns.take(seat, registers, signal)
            expect(++open).toBe(1)
            const at = performance.now()
            expect(at - endedAt).toBeGreaterThan(gapMs - 1e-6)
            begun.push({ unit, at, registers })
            await new Promise((resolve) => setTimeout(resolve, duration))
            seat.timeouts = answers ? 0 : seat.timeouts + 1
            open--
            endedAt = performance.now()
            turns.ended(seat)
          }
        })
        let over = false
        const all = Promise.all(lives).finally(() => {
          over = true
        })
        for (let step = 0; !over && step < 2000; step++) await vi.advanceTimersByTimeAsync(100)
        await all
        for (const [unit, { requestsPerSecond, registersPerSecond }] of units.entries()) {
          const own = begun.filter((one) => one.unit === unit)
          for (const [i, first] of own.entries()) {
            const second = own.slice(i).filter(({ at }) => at - first.at < 1000 - 1e-6)
            expect(second.length).toBeLessThanOrEqual(requestsPerSecond)
            expect(second.reduce((sum, { registers }) => sum + registers, 0)).toBeLessThanOrEqual(registersPerSecond)
          }
        }
      }),
      { numRuns: 40 }
    )
  })

  it('lets a unit that answers go before one that did not, and forgets who gives up waiting', async () => {
    const seat = () => seatOf(new Budget({ requestsPerSecond: 1000, registersPerSecond: 1000, minGapMs: 0 }))
    const [busy, suspect, good] = [seat(), seat(), seat()]
    const turns = new Turns({ gapMs: 0 })
    const { signal } = new AbortController()
    const order: string[] = []
    suspect.timeouts = 1
    await turns.take(busy, 1, signal)
    const waiting = [
      turns.take(suspect, 1, signal).then(() => order.push('suspect')),
      turns.take(good, 1, signal).then(() => {
        order.push('good')
        turns.ended(good)
      })
    ]
    const leaving = new AbortController()
    const left = turns.take(good, 1, leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    await expect(turns.take(good, 1, leaving.signal)).rejects.toThrow('gone')
    turns.ended(busy)
    await Promise.all(waiting)
    expect(order).toEqual(['good', 'suspect'])
  })
})
