// The small parts beside the spine: watermarks, rounds, the state of the centre, the rate, access to the embedded broker.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { PartState } from '#contract/api.ts'
import { topicOf } from '#contract/topics.ts'
import { quietLog } from '#runtime/log.ts'
import { brokerAccess } from '../../collector/broker-access.ts'
import { Centre } from '../../collector/centre.ts'
import { Rate } from '../../collector/counters.ts'
import { Stream } from '../../collector/ingest/streams.ts'
import { Rounds } from '../../collector/rounds.ts'
import { Watermarks } from '../../collector/watermarks.ts'
import { until } from '../parts/wait.ts'

function streamAt(sequence: number): Stream {
  const stream = new Stream({
    row: { site: 'east', agent: 'edge-1', lastHeard: null },
    limits: { holdMs: 1, holdMessages: 1, holdBytes: 1 },
    now: 0
  })
  stream.durable = [{ lane: 0, position: { boot: 1, sequence } }]
  return stream
}

describe('watermarks', () => {
  it('are two integers, retained, and always the last', async () => {
    const told: unknown[] = []
    const watermarks = new Watermarks({
      publish: async (topic, payload, { retain }) => void told.push([topic, payload.toString(), retain])
    })
    const stream = streamAt(4)
    for (let n = 1; n < 9; n++) {
      watermarks.mark(stream, { lane: 0, position: { boot: 1, sequence: n } })
    }
    await watermarks.flush()
    await watermarks.flush()
    expect(told).toEqual([[topicOf({ site: 'east', agent: 'edge-1', kind: 'ack' }), '{"boot":1,"sequence":8}', true]])
  })

  it('are told again after a failure, and one at a time for each agent', async () => {
    const told: string[] = []
    let away = true
    const gate = Promise.withResolvers<void>()
    const watermarks = new Watermarks({
      publish: async (_topic, payload) => {
        if (away) throw new Error('away')
        told.push(payload.toString())
        await gate.promise
      }
    })
    const stream = streamAt(1)
    watermarks.remind(stream)
    await watermarks.flush()
    expect([watermarks.failed, watermarks.published]).toEqual([1, 0])
    away = false
    const first = watermarks.flush()
    watermarks.mark(stream, { lane: 0, position: { boot: 1, sequence: 2 } })
    await watermarks.flush()
    expect(told).toHaveLength(1)
    gate.resolve()
    await first
    await watermarks.flush()
    expect(told).toEqual(['{"boot":1,"sequence":1}', '{"boot":1,"sequence":2}'])
  })

  it('say nothing of an agent of which nothing is stored', async () => {
    const watermarks = new Watermarks({ publish: () => Promise.reject(new Error('never called')) })
    const stream = streamAt(1)
    stream.durable = []
    watermarks.remind(stream)
    await watermarks.flush()
    expect(watermarks.failed).toBe(0)
  })
})

describe('rounds', () => {
  it('go on after a failure, never overlap themselves, and end at once', async () => {
    let turns = 0
    let inside = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++inside)
      turns++
      await sleep(3)
      inside--
      if (turns === 2) throw new Error('once')
    }
    const rounds = new Rounds({
      rounds: [
        { what: 'test', everyMs: 1, work },
        { what: 'rare', everyMs: 3_600_000, work }
      ],
      log: quietLog()
    })
    await rounds.start()
    await until(() => turns >= 5, { what: 'five turns' })
    await rounds.stop()
    const after = turns
    await sleep(20)
    expect([turns, most]).toEqual([after, 1])
  })
})

describe('the state of the centre', () => {
  it('is told when it changes, and remembers since when a part fails', () => {
    let now = 1
    const told: PartState[][] = []
    const centre = new Centre({ now: () => now })
    centre.onChange((parts) => told.push(parts))
    const reason = { zh: '不可用', en: 'away' }
    centre.ok('store')
    now = 2
    centre.failing('store', reason)
    now = 3
    centre.failing('store', reason)
    centre.failing('store', { zh: '仍不可用', en: 'still away' })
    expect(centre.isFailing('store')).toBe(true)
    now = 4
    centre.ok('store')
    expect(told.map((parts) => parts.find(({ part }) => part === 'store'))).toEqual([
      { part: 'store', state: 'failing', since: 2, detail: reason },
      { part: 'store', state: 'failing', since: 2, detail: { zh: '仍不可用', en: 'still away' } },
      { part: 'store', state: 'ok', since: 4, detail: null }
    ])
  })
})

describe('the rate', () => {
  it('is that of the last minute', () => {
    let now = 1_000_000
    const rate = new Rate({ now: () => now })
    rate.add(500)
    expect(rate.perSecond()).toBe(500)
    for (let second = 0; second < 100; second++) {
      now += 1000
      rate.add(30)
    }
    expect(rate.perSecond()).toBeCloseTo(30, 0)
    now += 61_000
    expect(rate.perSecond()).toBe(0)
  })
})

describe('access to the embedded broker', () => {
  const topic = (agent: string, kind: 'samples' | 'ack' = 'samples') => topicOf({ site: 'east', agent, kind })
  const login = { site: 'east', agent: 'edge-1', password: 'long secret' }
  const peer = { clientId: 'x', username: 'east/edge-1', certificateName: null }

  it('lets an agent speak and listen under its own name only', async () => {
    const access = brokerAccess({ logins: [login], allowAnonymous: false })
    expect(await access.authenticate({ ...peer, password: 'long secret' })).toBe(true)
    expect(await access.authenticate({ ...peer, password: 'wrong secret' })).toBe(false)
    expect(await access.authenticate({ ...peer, password: null })).toBe(false)
    expect(await access.authenticate({ ...peer, username: null, password: null })).toBe(false)
    expect(await access.authenticate({ ...peer, username: 'east/edge-2', password: 'long secret' })).toBe(false)
    expect([topic('edge-1'), topic('edge-2'), topic('edge-1', 'ack'), 'other/topic'].map((one) => access.mayPublish(peer, one))).toEqual([
      true,
      false,
      false,
      false
    ])
    const filters = [topic('edge-1', 'ack'), topic('edge-2', 'ack'), topic('edge-1'), '#', 'penstock/v1/+/+/+/ack']
    expect(filters.map((one) => access.maySubscribe(peer, one))).toEqual([true, false, false, false, false])
  })

  it('takes the name of a checked certificate', async () => {
    const access = brokerAccess({ logins: [], allowAnonymous: false })
    const shown = { clientId: 'x', username: 'east/edge-2', certificateName: 'east/edge-1' }
    expect(await access.authenticate({ ...shown, password: null })).toBe(true)
    expect([access.mayPublish(shown, topic('edge-1')), access.mayPublish(shown, topic('edge-2'))]).toEqual([true, false])
  })

  it('lets anybody on this machine speak when told so, but nobody be the centre', async () => {
    const access = brokerAccess({ logins: [], allowAnonymous: true })
    const nobody = { clientId: 'x', username: null, certificateName: null }
    expect(await access.authenticate({ ...nobody, password: null })).toBe(true)
    expect(access.mayPublish(nobody, topic('edge-7'))).toBe(true)
    expect(access.mayPublish(nobody, topic('edge-7', 'ack'))).toBe(false)
    expect(access.maySubscribe(nobody, topic('edge-7', 'ack'))).toBe(true)
  })
})
