// From readings to batches on disk: times, news, batch sizes, and a disk that takes nothing for a while.
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode } from '#contract/codec.ts'
import type { DeviceEvent } from '#contract/event.ts'
import { quietLog } from '#runtime/log.ts'
import { Columns } from '../../../agent/publish/columns.ts'
import { Intake, type IntakeOptions } from '../../../agent/publish/intake.ts'
import { openOutbox } from '../../../agent/publish/outbox.ts'
import { OutboxFull } from '../../../agent/publish/outbox-full.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const T = 1_700_000_000_000
type Lost = Parameters<IntakeOptions['outbox']['putGap']>[0]

// Takes what an outbox would take, or refuses it as a full disk does.
class Disk {
  full = false
  readonly taken: { time: number; tag: number; value: unknown }[] = []
  readonly batches: number[] = []
  readonly gaps: Lost[] = []

  putSamples(columns: Columns) {
    if (this.full) throw new OutboxFull(new Error('disk full'))
    const { base, tags, times, values } = columns.body(1)
    this.batches.push(columns.length)
    for (const [i, tag] of tags.entries()) this.taken.push({ tag, time: base + (times[i] ?? 0), value: values[i] })
    return { boot: 1, sequence: this.batches.length }
  }

  readonly events: DeviceEvent[] = []

  putEvents(events: DeviceEvent[]) {
    if (this.full) throw new OutboxFull(new Error('disk full'))
    this.events.push(...events)
    return { boot: 1, sequence: 1 }
  }

  putGap(lost: Lost) {
    if (this.full) throw new OutboxFull(new Error('disk full'))
    this.gaps.push(lost)
    return { boot: 1, sequence: 1 }
  }
}

const limits = [1, 2, 3].map((id) => ({ id, deadband: 0, heartbeatMs: 1, cadenceMs: 1 }))
const intakeOf = (outbox: IntakeOptions['outbox'], options: Partial<IntakeOptions> = {}) =>
  new Intake({ outbox, limits, maxBatchSamples: 100, maxDelayMs: 20, log: quietLog(), stored: () => {}, ...options })

const reading = (time: number, values: (number | string | null)[]) => ({
  time,
  tags: values.map((_, i) => i + 1),
  values,
  qualities: values.map(() => 0)
})

it('gives each tag strictly growing times, whatever the clock says', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 50 }), (times) => {
      const disk = new Disk()
      const intake = intakeOf(disk)
      for (const [i, time] of times.entries()) intake.read(reading(T + time, [i, 1000 + i]))
      intake.flush()
      for (const tag of [1, 2]) {
        const own = disk.taken.filter((sample) => sample.tag === tag)
        expect(own.map(({ value }) => value)).toEqual(times.map((_, i) => (tag === 1 ? i : 1000 + i)))
        for (let i = 1; i < own.length; i++) expect(own[i]?.time).toBeGreaterThan(own[i - 1]?.time ?? 0)
      }
    })
  )
})

it('stores a batch when it is full, and what is left after a short delay', async () => {
  const disk = new Disk()
  let stored = 0
  const intake = intakeOf(disk, { stored: () => stored++ })
  for (let i = 0; i < 85; i++) intake.read(reading(T + i, [i, `v${i}`, null]))
  expect(disk.batches).toEqual([100, 100])
  await until(() => disk.batches.length === 3, { what: 'the rest' })
  expect(disk.batches).toEqual([100, 100, 55])
  expect(stored).toBe(3)
  expect(intake.counts).toEqual({ read: 255, queued: 255 })
  expect(disk.taken.slice(-3).map(({ value }) => value)).toEqual([84, 'v84', null])
})

it('leaves out what is no news, and tags that nobody knows', () => {
  const disk = new Disk()
  const intake = intakeOf(disk, { limits: [{ id: 1, deadband: 1, heartbeatMs: 10_000, cadenceMs: 1000 }] })
  for (const [i, value] of [5, 5.5, 6.5, 6.4].entries()) intake.read(reading(T + i, [value, 1]))
  intake.flush()
  expect(disk.taken.map(({ value }) => value)).toEqual([5, 6.5])
  expect(intake.counts).toEqual({ read: 8, queued: 2 })
})

it('keeps samples in memory while the disk takes nothing, and loses none', async () => {
  const disk = new Disk()
  const intake = intakeOf(disk)
  disk.full = true
  for (let i = 0; i < 1000; i++) intake.read(reading(T + i, [i]))
  intake.flush()
  expect(disk.taken).toEqual([])
  disk.full = false
  await until(() => disk.taken.length === 1000, { what: 'all samples' })
  expect(disk.taken.map(({ value }) => value)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  expect(disk.gaps).toEqual([])
})

it('gives up the oldest when memory is full too, and tells exactly what', () => {
  const disk = new Disk()
  const intake = intakeOf(disk, { maxBatchSamples: 10_000 })
  disk.full = true
  for (let i = 0; i < 230_000; i++) intake.read(reading(T + i, [i]))
  intake.flush()
  disk.full = false
  intake.flush()
  expect(disk.gaps).toEqual([{ from: T, to: T + 29_999, samples: 30_000, reason: 'outbox-size' }])
  expect(disk.taken).toHaveLength(200_000)
  expect(disk.taken[0]?.value).toBe(30_000)
})

it('puts what it takes into a real outbox', async () => {
  const outbox = openOutbox({
    file: join(await temporaryFolder(), 'outbox.db'),
    site: 's',
    agent: 'a',
    maxBytes: 1 << 20,
    maxAgeMs: 1e9,
    log: quietLog()
  })
  const intake = intakeOf(outbox)
  intake.read(reading(T, [1.5, 'RUN', null]))
  intake.flush()
  const [message] = outbox.after(null, 10)
  expect(decode('samples', message?.payload ?? Buffer.alloc(0))).toMatchObject({
    sequence: 1,
    base: T,
    tags: [1, 2, 3],
    values: [1.5, 'RUN', null]
  })
  outbox.close()
})

it('keeps events and what was missed while the disk takes nothing, and joins what one device missed for one reason', () => {
  const disk = new Disk()
  const intake = intakeOf(disk)
  const event: DeviceEvent = {
    device: 'plc',
    time: T,
    sourceTime: null,
    kind: 'identity',
    change: 'changed',
    severity: 500,
    source: null,
    message: 'another firmware',
    details: { before: '1.0', after: '1.1' }
  }
  disk.full = true
  intake.event(event)
  intake.missed({ device: 'plc', from: T, to: T + 10, samples: 3, reason: 'device-slow' })
  intake.missed({ device: 'plc', from: T + 20, to: T + 30, samples: 4, reason: 'device-slow' })
  intake.missed({ device: 'other', from: T, to: T, samples: null, reason: 'device-slow' })
  intake.flush()
  expect(disk.events).toEqual([])
  disk.full = false
  intake.flush()
  expect(disk.events).toEqual([event])
  expect(disk.gaps).toEqual([
    { device: 'plc', from: T, to: T + 30, samples: 7, reason: 'device-slow' },
    { device: 'other', from: T, to: T, samples: null, reason: 'device-slow' }
  ])
})

it('tells of a device that floods it with events', () => {
  const disk = new Disk()
  const intake = intakeOf(disk, { maxDelayMs: 60_000 })
  for (let i = 0; i < 5010; i++)
    intake.event({
      device: 'plc',
      time: T + i,
      sourceTime: null,
      kind: 'audit',
      change: 'told',
      severity: 1,
      source: null,
      message: '',
      details: {}
    })
  intake.flush()
  expect(disk.events).toHaveLength(5000)
  expect(disk.gaps).toEqual([{ device: 'plc', from: T + 5000, to: T + 5009, samples: 0, reason: 'device-overflow' }])
})

it('carries source time, server time and round trip beside the sample, where they are known', () => {
  const columns = new Columns(10)
  columns.add(1, T, 5, 0)
  expect(columns.body(1)).not.toHaveProperty('sourceTimes')
  columns.add(2, T + 1, 6, 0)
  columns.tell(T - 20, T - 5, 1500)
  expect(columns.body(1)).toMatchObject({ sourceTimes: [0, -21], serverTimes: [0, -6], roundTrips: [0, 1500] })
  columns.clear()
  columns.add(1, T, 5, 0)
  expect(columns.body(1)).not.toHaveProperty('roundTrips')
})
