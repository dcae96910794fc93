// The parts of a live run, each by itself: what somebody on the way learns, which steps can be played, whose time is whose.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Alert, type AlertEvent } from '#contract/alert.ts'
import { encode } from '#contract/codec.ts'
import { type Kind, topicOf } from '#contract/topics.ts'
import { activationsOf } from '../../range/live-alerts.ts'
import { LiveArrival } from '../../range/live-arrival.ts'
import { LiveDelivery } from '../../range/live-delivery.ts'
import { LiveEyes } from '../../range/live-eyes.ts'
import { LiveTrends } from '../../range/live-trends.ts'
import type { Publish } from '../../range/mqtt-packets.ts'
import type { FailedStep } from '../../range/not-played.ts'
import { PlantClock } from '../../range/plant-clock.ts'
import { playableIn, stepLog } from '../../range/playable.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { batch, birth } from './parts.ts'

const BAD = 0x800a0000
const topic = (kind: Kind) => topicOf({ site: 'east', agent: 'edge-1', kind })
const told = (message: Parameters<typeof encode>[1] & { kind: Kind }): Publish => ({
  ...{ topic: topic(message.kind), payload: encode(message.kind, message), id: 1 }
})
const level = (value: number | null, quality = 0) => batch({ tags: [1], times: [0], values: [value], qualities: [quality] }, 1000)

describe('the eyes of a live run', () => {
  const make = (seed = 1) => {
    const published: { topic: string; payload: Buffer }[] = []
    const asked: string[] = []
    const agent = {
      kill: async () => void asked.push('kill'),
      start: async () => void asked.push('start'),
      reload: async (without: readonly string[]) => void asked.push(`without ${without.join()}`)
    }
    return {
      eyes: new LiveEyes({ id: 'edge-1', seed, agent, publish: (to, payload) => published.push({ topic: to, payload }) }),
      published,
      asked
    }
  }

  it('forges the next message of the agent under its name', async () => {
    const { eyes, published } = make()
    await expect(eyes.forge('level', 9)).rejects.toThrow('tells nothing of level')
    expect(eyes.passes(told(birth()))).toBe(true)
    expect(eyes.passes(told({ ...level(1), sequence: 41 }))).toBe(true)
    await eyes.forge('level', 9)
    const [one] = published
    const read = new LiveTrends({ span: { start: 0, end: 1e15 }, clock: { at: (time) => time }, birth: eyes.birth })
    read.hear({ topic: one?.topic ?? '', payload: one?.payload ?? Buffer.alloc(0), id: null })
    expect(one?.topic).toBe(topic('samples'))
    expect(read.trends()[0]?.points[0]?.[1]).toBe(9)
  })

  it('loses the share that was asked for, the same ones for the same seed', () => {
    const lostOf = (seed: number) => {
      const { eyes } = make(seed)
      eyes.loseMessages(0.5)
      return Array.from({ length: 200 }, () => eyes.passes(told(level(1)))).map((passed) => (passed ? 1 : 0))
    }
    const passed = lostOf(3).filter((one) => one === 1).length
    expect(lostOf(3)).toEqual(lostOf(3))
    expect(lostOf(4)).not.toEqual(lostOf(3))
    expect(passed).toBeGreaterThan(60)
    expect(passed).toBeLessThan(140)
  })

  it('stops, starts and reloads the process, and cannot shift a clock', async () => {
    const { eyes, asked } = make()
    await eyes.stopAgent()
    await eyes.startAgent()
    await eyes.leaveOut('level')
    await eyes.leaveOut(null)
    expect(asked).toEqual(['kill', 'start', 'without level', 'without '])
    expect(() => eyes.shiftClock()).toThrow('cannot be shifted')
  })

  it('lets everything pass that it cannot read', () => {
    const { eyes } = make()
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 60 }), (name, bytes) => {
        expect(eyes.passes({ topic: name, payload: Buffer.from(bytes), id: null })).toBe(true)
        expect(eyes.passes({ topic: topic('birth'), payload: Buffer.from(bytes), id: null })).toBe(true)
      })
    )
  })
})

describe('the arrival of the agent', () => {
  it('is when each device has told a good value', async () => {
    const arrival = new LiveArrival()
    const done = arrival.wait(AbortSignal.timeout(10_000))
    let arrived = false
    void done.then(() => {
      arrived = true
    })
    for (const message of [level(1), birth(), level(null, BAD)]) arrival.hear(told(message))
    await new Promise(setImmediate)
    expect(arrived).toBe(false)
    arrival.hear(told(level(1)))
    await expect(done).resolves.toBeUndefined()
  })

  it('is not waited for when the run ends', async () => {
    const end = new AbortController()
    const waiting = new LiveArrival().wait(end.signal)
    end.abort(new Error('Mosquitto has ended'))
    await expect(waiting).rejects.toThrow('Mosquitto has ended')
  })
})

describe('what the centre has', () => {
  const signal = new AbortController().signal
  const ack = (boot: number, sequence: number): Publish => ({ topic: topic('ack'), payload: encode('ack', { boot, sequence }), id: null })

  it('is waited for until its watermark has come as far', async () => {
    const delivery = new LiveDelivery()
    const settled = delivery.settle({ boot: 2, sequence: 7 }, { signal })
    for (const one of [ack(1, 90), ack(2, 6), { topic: 'nonsense', payload: Buffer.alloc(1), id: null }]) delivery.hear(one)
    expect(await delivery.settle({ boot: 2, sequence: 7 }, { signal, withinMs: 0 })).toBe(false)
    delivery.hear(ack(2, 7))
    expect(await settled).toBe(true)
    expect(await delivery.settle({ boot: 1, sequence: 99 }, { signal, withinMs: 0 })).toBe(true)
  })
})

describe('the clock of the plant', () => {
  it('begins with ours and goes as fast as the plant really went', () => {
    const clock = new PlantClock({ start: 1000, speed: 10 })
    clock.note(2000, 8)
    clock.note(3000, 18)
    expect([1000, 1500, 2000, 2500, 3000, 3100].map((wall) => clock.at(wall))).toEqual([1000, 5000, 9000, 14_000, 19_000, 20_000])
  })

  it('is exact at moments that matter', () => {
    const clock = new PlantClock({ start: 0, speed: 60 })
    for (const [wall, seconds] of [
      [600, 36],
      [700, 36],
      [710, 50]
    ] as const)
      clock.mark(wall, seconds)
    clock.note(800, 99)
    expect([600, 700, 710, 720].map((wall) => clock.at(wall))).toEqual([36_000, 36_000, 50_000, 50_600])
  })

  it('is exact although our clock is put back a little', () => {
    const clock = new PlantClock({ start: 0, speed: 10 })
    clock.note(1000, 9.5)
    clock.mark(950, 10)
    clock.note(1500, 15)
    expect([950, 1500].map((wall) => clock.at(wall))).toEqual([10_000, 15_000])
  })

  it('never goes back', () => {
    const steps = fc.array(fc.record({ wall: fc.integer({ min: 1, max: 3000 }), plant: fc.double({ min: 0, max: 60, noNaN: true }) }))
    fc.assert(
      fc.property(steps, fc.double({ min: 0.1, max: 1000, noNaN: true }), (noted, speed) => {
        const clock = new PlantClock({ start: 0, speed })
        let [wall, plant] = [0, 0]
        for (const step of noted) {
          wall += step.wall
          plant += step.plant
          clock.note(wall, plant)
        }
        const times = Array.from({ length: 50 }, (_, i) => clock.at((i * (wall + 1000)) / 49))
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      })
    )
  })
})

describe('the trends of a live run', () => {
  it('stand at the time of the plant', () => {
    const trends = new LiveTrends({ span: { start: 0, end: 500_000 }, clock: { at: (time) => time * 10 }, birth: birth() })
    trends.hear(told(level(3)))
    trends.hear({ topic: 'nonsense', payload: Buffer.alloc(3), id: null })
    expect(trends.trends()).toMatchObject([{ tag: 'level', points: [[10_000, 3, 3]] }])
  })
})

describe('what can be played', () => {
  const scenario = () =>
    Scenario.parse({
      opcua: { pki: './x', anonymous: 'observer' },
      timeline: [
        { at: '00:01', for: '00:01', attack: 'agent-clock-shifted' },
        { at: '00:05', for: '00:01', attack: 'endpoint-sweep' },
        { at: '00:06', for: '00:01', fault: 'slow-line' },
        { at: '00:20', attack: 'pump-stop' }
      ]
    })
  const left = (mode: 'fast' | 'live', seconds: number) => {
    const { scenario: played, notPlayed } = playableIn(mode, { name: 'one', scenario: scenario() }, seconds)
    return {
      played: played.timeline.map(({ attack, fault }) => attack ?? fault),
      why: notPlayed.map(({ name, at, reason }) => `${name} ${at} ${reason.en}`)
    }
  }

  it('leaves out and tells what needs sockets, a clock of its own, or more time', () => {
    expect(left('fast', 3600)).toEqual({
      played: ['agent-clock-shifted', 'pump-stop'],
      why: ['endpoint-sweep 300 not played: needs --live', 'slow-line 360 not played: needs --live']
    })
    expect(left('live', 600)).toEqual({
      played: ['endpoint-sweep', 'slow-line'],
      why: [
        'agent-clock-shifted 60 not played: needs --fast, as a real clock cannot be shifted alone',
        'pump-stop 1200 not played: comes after --for'
      ]
    })
  })

  it('is told of steps that failed while they were played, and of nothing else', () => {
    const failed: string[] = []
    const tell = ({ scenario, name, at, reason, label = 'no label' }: FailedStep) =>
      failed.push(`${scenario} ${name} ${at} ${reason.en}, ${label}`)
    const log = stepLog('one', tell)
    log.error({ err: new Error('no way in'), step: 'pump-stop', at: 60 }, 'A step of the timeline could not be played.')
    log.error({ err: new Error('refused'), step: 'pump-stop', at: 60, label: 'a1' }, 'A step of the timeline could not be played.')
    log.error({ err: new Error('other') }, 'Something else.')
    log.info({ step: 'pump-stop', at: 60 }, 'It starts.')
    const line = 'one pump-stop 60 could not be played'
    expect(failed).toEqual([`${line}: no way in, no label`, `${line}: refused, a1`])
  })
})

describe('the alerts of a collector', () => {
  const alert = Alert.parse({
    ...{ id: '019a0000-0000-7000-8000-000000000000', key: 'k', version: 3, rule: 'water/level', kind: 'process/range' },
    ...{ site: 'east', agent: 'edge-1', device: 'plc-1', tag: 'level', tags: ['level'], view: 'polled', severity: 4 },
    ...{ title: { zh: '高', en: 'High' }, reason: { zh: '高', en: 'High' }, techniques: ['T0836'], condition: 'active', handling: 'new' },
    ...{ disposition: null, assignee: null, firstSeen: 10, lastSeen: 90, clearedAt: null, count: 5, episode: 2, previousAlert: null }
  })
  const event = (time: number, what: AlertEvent['what']): AlertEvent => ({ time, what, by: null, note: null, evidence: null })
  const times = (...history: AlertEvent[]) => activationsOf(alert, history).map(({ firstSeen }) => firstSeen)

  it('count once for each time that they became active', () => {
    expect(times(event(10, 'raised'), event(20, 'repeated'), event(30, 'worse'), event(40, 'cleared'), event(90, 'raised'))).toEqual([
      10, 90
    ])
    expect(times(event(10, 'raised'), event(20, 'cleared'), event(30, 'comment'), event(50, 'worse'))).toEqual([10, 50])
  })

  it('are not lost when their history begins late', () => {
    expect(times()).toEqual([10])
    expect(times(event(60, 'repeated'), event(70, 'cleared'))).toEqual([10])
  })
})
