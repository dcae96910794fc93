// Hostile and broken OPC UA servers, all of one sort beside each other in one agent, together with a good OPC UA server and a good
// Modbus PLC: bad samples with a reason, few attempts, bounded memory, good devices that notice nothing, and an agent that stops.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeviceHealth } from '#contract/agent-status.ts'
import { Time } from '#contract/envelope.ts'
import { DeviceEvent } from '#contract/event.ts'
import { isBad } from '#contract/quality.ts'
import { AddressPlc } from '../parts/address-plc.ts'
import { RawOpcuaServer } from '../parts/opcua-raw-server.ts'
import { type DeviceLog, openDevice, type ReadingAll, readAll } from '../parts/opcua-reading.ts'
import { STORMS, STRANGE_READS, STRANGE_VALUES } from '../parts/opcua-storms.ts'
import { BROKEN_FRAMES, INVITATIONS, SILENCE, type Tricks, WRONG_LENGTHS, WRONG_WORDS } from '../parts/opcua-tricks.ts'
import { until } from '../parts/wait.ts'

const WATCHED_MS = 2000
const MOST_GROWTH = 400 << 20
const STOP_MS = 15_000
// Servers, agent and PLC share one process here, and the machine may be slow: what counts is that they go on.
const LONGEST_PAUSE_MS = 20_000

interface Sort {
  name: string
  tricks: Tricks
  read?: 'subscribe' | 'poll'
}

const SORTS: readonly Sort[] = [
  { name: 'broken frames', tricks: BROKEN_FRAMES },
  { name: 'wrong lengths', tricks: WRONG_LENGTHS },
  { name: 'silence', tricks: SILENCE },
  { name: 'wrong words and invitations to try again', tricks: { ...WRONG_WORDS, ...INVITATIONS } },
  { name: 'storms and strange values', tricks: { ...STORMS, ...STRANGE_VALUES } },
  { name: 'strange answers to reads', tricks: STRANGE_READS, read: 'poll' }
]

// What a server that is only odd, and not broken, says is taken as it is.
const MAY_BE_GOOD: ReadonlySet<string> = new Set([
  ...['a frame of an unknown kind', 'replies in another channel', 'replies with another token', 'every reply a thousand times'],
  ...['a session of no time', 'a session of no number of milliseconds', 'a channel that must be renewed at once', 'go elsewhere'],
  ...['a list of ten thousand endpoints', 'notifications without a pause', 'five thousand values in each notification'],
  ...['sequence numbers that jump', 'a flood of events', 'the subscription is gone, again and again'],
  ...['times of the year 1601', 'times of the year 9999', 'no times at all', 'more results than were asked for']
])

const qualities = ({ readings }: DeviceLog) => readings.flatMap(({ qualities }) => qualities)
const tagsTold = ({ readings }: DeviceLog) => new Set(readings.flatMap(({ tags }) => tags)).size
const goods = (log: DeviceLog) => qualities(log).filter((quality) => !isBad(quality)).length

// The longest time between two good samples, from the first one to now.
function longestPause({ readings }: DeviceLog): number {
  const times = [...readings.filter(({ qualities }) => qualities.some((one) => !isBad(one))).map(({ time }) => time), Date.now()]
  return Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? 0)))
}

describe.each(SORTS)('$name', ({ tricks, read = 'subscribe' }) => {
  const servers = new Map<string, RawOpcuaServer>()
  let good: RawOpcuaServer
  let plc: AddressPlc
  let reading: ReadingAll
  let peak = 0
  let before = 0
  let began = 0
  let stoppedAfter = Number.POSITIVE_INFINITY

  beforeAll(async () => {
    good = await RawOpcuaServer.start()
    plc = await AddressPlc.start()
    for (const [name, make] of Object.entries(tricks)) servers.set(name, await RawOpcuaServer.start(make()))
    before = process.memoryUsage().rss
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 50)
    began = performance.now()
    reading = await readAll([
      openDevice('good-opcua', good.endpoint, { read }),
      {
        ...{ id: 'good-modbus', protocol: 'modbus-tcp', host: '127.0.0.1', port: plc.port, cadenceMs: 200 },
        ...{ budget: { requestsPerSecond: 50 }, tags: [{ name: 'modbus.a', at: 'holding 0 uint16' }] }
      },
      ...[...servers.values()].map((server, i) => openDevice(`hostile-${i}`, server.endpoint, { read }))
    ])
    await until(() => goods(reading.of('good-opcua')) > 0 && goods(reading.of('good-modbus')) > 0, {
      what: 'the good devices',
      timeoutMs: 30_000
    })
    await sleep(WATCHED_MS)
    await until(() => [...reading.devices.values()].every((log) => tagsTold(log) > 0), { what: 'word of every device', timeoutMs: 30_000 })
    const stopping = performance.now()
    // What is judged below is how it was before the stop.
    await reading.stop()
    stoppedAfter = performance.now() - stopping
    clearInterval(timer)
  })
  afterAll(async () => {
    await Promise.all([good, plc, ...servers.values()].map((server) => server[Symbol.asyncDispose]()))
  })

  it('does not reach the good devices', () => {
    for (const id of ['good-opcua', 'good-modbus']) {
      expect(goods(reading.of(id)), id).toBeGreaterThan(2)
      expect(longestPause(reading.of(id)), id).toBeLessThan(LONGEST_PAUSE_MS)
    }
  })

  it('leaves memory bounded, nothing open, and the agent free to stop', () => {
    expect(peak - before).toBeLessThan(MOST_GROWTH)
    expect(stoppedAfter).toBeLessThan(STOP_MS)
  })

  it.each(Object.keys(tricks).map((name, i) => ({ name, i })))('$name', async ({ name, i }) => {
    const log = reading.of(`hostile-${i}`)
    const server = servers.get(name)
    const times = server?.sessionTimes ?? []
    // Each tag has been told of, as good or as bad with a reason, and bad values are never carried.
    expect(tagsTold(log)).toBe(2)
    // Silence is told as silence, and not as a connection that somebody closed.
    if (tricks === SILENCE) expect(qualities(log).at(-1)?.toString(16)).toBe('800a0000')
    if (!MAY_BE_GOOD.has(name)) expect(goods(log)).toBe(0)
    for (const { values, qualities, sourceTimes = [], serverTimes = [] } of log.readings) {
      for (const [at, value] of values.entries())
        expect(isBad(qualities[at] ?? 0) ? value === null : Number.isFinite(value), `${value} with ${qualities[at]}`).toBe(true)
      for (const time of [...sourceTimes, ...serverTimes]) expect(time === 0 || Time.safeParse(time).success).toBe(true)
    }
    for (const event of log.events) expect(DeviceEvent.safeParse(event).error).toBeUndefined()
    expect(DeviceHealth.safeParse(log.source.health()).error).toBeUndefined()
    // At most one session per step of the back-off, which is at least as long as half of its first step on average.
    const seconds = (performance.now() - began) / 1000
    expect(times.length).toBeLessThanOrEqual(3 + seconds * 4)
    expect(server?.overlaps).toBe(0)
    await until(() => server?.open === 0, { what: 'the agent to leave' })
    // What came in faster than the plan was not taken faster.
    expect(log.readings.length).toBeLessThan(40 * seconds)
    expect(qualities(log).length).toBeLessThan(5000)
    expect(log.events.length).toBeLessThan(2000)
  })
})
