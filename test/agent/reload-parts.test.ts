// The parts of a reload by themselves: what is counted as missed, what a budget remembers, what is compared and what is kept.
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Budget } from '../../agent/budget.ts'
import { AgentConfig, DeviceConfig } from '../../agent/config.ts'
import { fingerprintAnyway, fingerprintOf } from '../../agent/fingerprint.ts'
import { Defaults } from '../../agent/modbus/config.ts'
import { Pause } from '../../agent/pause.ts'
import { Intake } from '../../agent/publish/intake.ts'
import { openOutbox } from '../../agent/publish/outbox.ts'
import { settle } from '../../agent/reload-settings.ts'
import { planOf } from '../../agent/resolve.ts'
import type { Missed } from '../../agent/source.ts'
import { temporaryFolder } from '../parts/wait.ts'

function paused(tags: ConstructorParameters<typeof Pause>[0]['tags']) {
  const missed: Missed[] = []
  const times: number[] = []
  const sink = {
    read: ({ time }: { time: number }) => void times.push(time),
    event: () => {},
    missed: (one: Missed) => void missed.push(one)
  }
  const pause = new Pause({ device: 'plc', sink, tags })
  const read = (time: number, ...ids: number[]) => pause.read({ time, tags: ids, values: ids.map(() => 1), qualities: ids.map(() => 0) })
  return { pause, read, missed, times }
}

it('counts the cycles that a pause cost, once', () => {
  const { read, missed, times } = paused([
    { id: 1, from: 10_000, cadenceMs: 1000 },
    { id: 2, from: 10_000, cadenceMs: 1000 },
    { id: 3, from: 9000, cadenceMs: 5000 }
  ])
  read(14_100, 1, 2)
  read(14_200, 3)
  read(15_100, 1, 2, 9)
  read(90_000, 3)
  // Three cycles of two tags; the slow one was read in time.
  expect(missed).toEqual([{ device: 'plc', from: 10_000, to: 14_100, samples: 6, reason: 'reconfigured' }])
  expect(times).toEqual([14_100, 14_200, 15_100, 90_000])
})

it('does not say how many where nobody can know, and tells at its end what never came again', () => {
  const { pause, read, missed } = paused([
    { id: 1, from: 10_000, cadenceMs: null },
    { id: 2, from: 10_000, cadenceMs: 100 }
  ])
  read(12_000, 1)
  pause.end(13_000)
  pause.end(14_000)
  expect(missed.map(({ to, samples }) => [to, samples])).toEqual([
    [12_000, null],
    [13_000, 29]
  ])
})

it('lets no second see more than the budget over a change of the device', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 20, maxLength: 60 }),
      fc.integer({ min: 0, max: 19 }),
      (before, after, waits, change) => {
        let now = 0
        const budget = (requestsPerSecond: number) =>
          new Budget({ requestsPerSecond, registersPerSecond: 1000, minGapMs: 0, now: () => now })
        let one = budget(before)
        const begun: number[] = []
        for (const [i, wait] of waits.entries()) {
          if (i === change) {
            const next = budget(after)
            next.follow(one)
            one = next
          }
          now += Math.max(wait, one.waitMs(1))
          one.take(1)
          one.ended()
          begun.push(now)
        }
        for (const [i, time] of begun.entries()) {
          const inSecond = begun.filter((other, j) => j <= i && other > time - 1000).length
          expect(inSecond).toBeLessThanOrEqual(i < change ? before : after)
        }
      }
    )
  )
})

const MODBUS = { id: 'plc', protocol: 'modbus-tcp', host: 'plc.local', tags: [{ name: 'a', at: 'holding 1 uint16' }] }

it('finds every change of a device, and none where there is none', async () => {
  const of = (input: object, defaults: object = {}) =>
    fingerprintOf(planOf(DeviceConfig.parse({ ...MODBUS, ...input }), Defaults.parse(defaults)))
  const same = await of({})
  expect(await of({})).toBe(same)
  expect(await of({}, { cadenceMs: 1000 })).toBe(same)
  expect(await of({ cadenceMs: 1000 }, { cadenceMs: 7000 })).toBe(same)
  const tag = (more: object) => ({ tags: [{ name: 'a', at: 'holding 1 uint16', ...more }] })
  const others = [
    ...[
      { unit: 2 },
      { timeoutMs: 900 },
      { port: 503 },
      { identify: true },
      { budget: { requestsPerSecond: 4 } },
      { connectTimeoutMs: 400 }
    ],
    ...[{ deadband: 1 }, { order: 'DCBA' }, { quirks: { oneTagPerRead: true } }, { title: { zh: '泵', en: 'Pump' } }, { maxGap: 3 }],
    ...[
      { scale: 2 },
      { offset: 1 },
      { range: { low: 0, high: 1 } },
      { title: { zh: '一', en: 'One' } },
      { heartbeatMs: 9000 },
      { role: 'command' }
    ].map(tag),
    tag({ at: 'holding 1 int16' })
  ]
  const prints = await Promise.all(others.map((input) => of(input)))
  expect(new Set([same, ...prints]).size).toBe(prints.length + 1)
})

it('takes a device whose secret cannot be read only where that is no reason to stop', async () => {
  const user = { name: 'reader', password: { env: 'PENSTOCK_TEST_NO_SUCH_SECRET' } }
  const input = { id: 'ua', protocol: 'opcua', endpoint: 'opc.tcp://a:4840', tags: [{ name: 'x', node: 'i=2258' }], user }
  const plan = planOf(DeviceConfig.parse(input), Defaults.parse({}))
  await expect(fingerprintOf(plan)).rejects.toThrow('PENSTOCK_TEST_NO_SUCH_SECRET')
  const without = await fingerprintAnyway(plan)
  vi.stubEnv('PENSTOCK_TEST_NO_SUCH_SECRET', 'known')
  expect(await fingerprintOf(plan)).not.toBe(without)
  vi.unstubAllEnvs()
})

it('keeps what only a restart can change, and names nothing else', () => {
  const config = (more: object = {}) =>
    AgentConfig.parse({
      ...{ agent: 'edge-1', site: { id: 'east', title: { zh: '东', en: 'East' }, sector: 'water' }, broker: { url: 'mqtt://127.0.0.1:1' } },
      ...{ outbox: { file: '/var/a.db' }, devices: [MODBUS] },
      ...more
    })
  expect(settle(config(), config())).toEqual({ config: config(), needRestart: [] })
  const wanted = config({
    agent: 'edge-2',
    outbox: { file: '/var/b.db', maxAgeHours: 3 },
    healthSeconds: 3,
    broker: { url: 'mqtt://127.0.0.1:2' }
  })
  const settled = settle(config(), wanted)
  expect(settled.needRestart).toEqual(['agent', 'broker', 'outbox.file'])
  expect(settled.config).toEqual(config({ outbox: { file: '/var/a.db', maxAgeHours: 3 }, healthSeconds: 3 }))
})

it('remembers what was last sent of tags that stay, wherever they stand, but not of fresh ones', () => {
  const sent: (readonly [number, unknown])[] = []
  const outbox = {
    putSamples: (columns: { body(tagMap: number): { tags: number[]; values: unknown[] } }) => {
      const { tags, values } = columns.body(1)
      sent.push(...tags.map((tag, i) => [tag, values[i]] as const))
      return { boot: 1, sequence: 1 }
    },
    putEvents: () => ({ boot: 1, sequence: 1 }),
    putGap: () => ({ boot: 1, sequence: 1 })
  }
  const limit = (id: number, deadband = 0) => ({ id, deadband, heartbeatMs: 1e9, cadenceMs: 1000 })
  const settings = { maxBatchSamples: 100, maxDelayMs: 60_000 }
  const intake = new Intake({ outbox, limits: [1, 2, 3, 4].map((id) => limit(id)), ...settings, log: quietLog(), stored: () => {} })
  const read = (time: number, values: Record<number, string | number>) => {
    const tags = Object.keys(values).map(Number)
    intake.read({ time, tags, values: Object.values(values), qualities: tags.map(() => 0) })
  }
  read(1000, { 1: 10, 2: 20, 3: 'on', 4: 40 })
  expect(intake.lastTimeOf(2)).toBe(1000)
  intake.change({ limits: [limit(5), limit(3), limit(2, 5), limit(4)], maxBatchSamples: 2, maxDelayMs: 60_000 }, new Set([4, 5]))
  expect(sent.splice(0)).toEqual([1, 2, 3, 4].map((tag) => [tag, { 1: 10, 2: 20, 3: 'on', 4: 40 }[tag]]))
  expect([intake.lastTimeOf(1), intake.lastTimeOf(3), intake.lastTimeOf(5)]).toEqual([null, 1000, null])
  // Still at the same millisecond: no two samples of one tag share it, before and after.
  read(1000, { 1: 11, 2: 24, 3: 'on', 4: 40, 5: 50 })
  read(2000, { 2: 26, 3: 'off' })
  intake.close()
  expect(sent).toEqual([
    [4, 40],
    [5, 50],
    [2, 26],
    [3, 'off']
  ])
  expect(intake.lastTimeOf(4)).toBe(1001)
  expect(intake.counts).toEqual({ read: 11, queued: 8 })
})

it('lists tags of this boot as retired while messages are kept, once they may be in them', async () => {
  const caps = { maxBytes: 1 << 20, maxAgeMs: 1e9 }
  const outbox = openOutbox({ file: join(await temporaryFolder(), 'outbox.db'), site: 'east', agent: 'edge-1', ...caps, log: quietLog() })
  const tags = ['a', 'b'].map((name) => ({
    ...{ name, device: 'plc', role: 'measurement' as const, dataType: 'float' as const, address: 'x', cadenceMs: 100, heartbeatMs: 100 }
  }))
  const [a, b] = outbox.identify(tags)
  const live = a === undefined ? [] : [a]
  expect(outbox.retired(live, { sameBoot: true })).toEqual([])
  outbox.putGap({ from: 1, to: 2, samples: null, reason: 'agent-down' })
  expect(outbox.retired(live)).toEqual([])
  expect(outbox.retired(live, { sameBoot: true })).toEqual([{ ...b, retired: true }])
  outbox.close()
})
