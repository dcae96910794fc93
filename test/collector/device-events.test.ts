// The kept events of devices: once each, bounded a day with what was left out told, found page by page, forgotten in time.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EventBatch } from '#contract/event.ts'
import type { Database } from '#runtime/sqlite.ts'
import { DeviceEvents } from '../../collector/device-events.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'

const DAY = 86_400_000
let folder: string
let database: Database
let now = 10 * DAY
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-events-'))
  database = openCollectorDatabase({ file: join(folder, 'collector.db') })
  now = 10 * DAY
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

const room = (mostOfADay = 1000) => new DeviceEvents({ database, mostOfADay, now: () => now })

function batch(sequence: number, times: number[], change: { agent?: string; device?: string } = {}): EventBatch {
  const { agent = 'edge-1', device = 'plc-1' } = change
  return {
    kind: 'events',
    ...{ schema: 1, site: 'east', agent, boot: 1, sequence },
    events: times.map((time) => ({
      ...{ device, time, sourceTime: null, kind: 'audit', change: 'told', severity: 500, source: 'i=2253' },
      ...{ message: `at ${time}`, details: { clientUserId: 'guest', count: 2, ok: true, none: null } }
    }))
  }
}

it('gives back what was kept, and keeps nothing twice', () => {
  const events = room()
  const told = batch(1, [5, 6])
  expect(events.keep(told, { inTurn: false }).kept).toHaveLength(2)
  expect(events.keep(told, { inTurn: true })).toEqual({ kept: [], leftOut: 0 })
  const page = events.find({ limit: 10 })
  expect(page.events.map(({ id: _, site: _site, agent: _agent, keptAt: _keptAt, ...event }) => event)).toEqual(told.events.toReversed())
  expect(page.events[0]).toMatchObject({ site: 'east', agent: 'edge-1', keptAt: now })
})

it('pages from the newest to the oldest without losing those of one moment', () => {
  const events = room()
  events.keep(batch(1, [1, 2, 2, 2, 3]), { inTurn: true })
  events.keep(batch(2, [2, 9], { device: 'plc-2' }), { inTurn: true })
  const seen: number[] = []
  let before: string | undefined
  do {
    const { events: page, next } = events.find({ limit: 2, before })
    seen.push(...page.map(({ time }) => time))
    before = next ?? undefined
  } while (before !== undefined)
  expect(seen).toEqual([9, 3, 2, 2, 2, 2, 1])
  expect(events.find({ limit: 10, device: 'plc-2' }).events.map(({ time }) => time)).toEqual([9, 2])
  expect(events.find({ limit: 10, from: 2, to: 9, agent: 'edge-1' }).events).toHaveLength(5)
  expect(events.find({ limit: 10, kind: 'alarm' }).events).toEqual([])
  expect(events.find({ limit: 10, before: 'nonsense' }).events).toHaveLength(7)
})

it('keeps so many of an agent and day and tells how many more there were, once', () => {
  const events = room(3)
  const flood = batch(1, [1, 2, 3, 4, 5])
  // Stored ahead of its turn, then in its turn.
  expect(events.keep(flood, { inTurn: false })).toMatchObject({ kept: { length: 3 }, leftOut: 0 })
  expect(events.keep(flood, { inTurn: true })).toEqual({ kept: [], leftOut: 2 })
  expect(events.keep(batch(2, [6]), { inTurn: true }).leftOut).toBe(1)
  expect(events.keep(batch(1, [7], { agent: 'edge-2' }), { inTurn: true }).leftOut).toBe(0)
  expect(events.find({ limit: 1, from: 10 * DAY }).leftOut).toEqual([{ site: 'east', agent: 'edge-1', day: 10 * DAY, events: 3 }])
  expect(events.find({ limit: 1, agent: 'edge-2' }).leftOut).toEqual([])
  expect(events.leftOut).toBe(3)
  now += DAY
  expect(events.keep(batch(3, [8]), { inTurn: true })).toMatchObject({ kept: { length: 1 }, leftOut: 0 })
})

it('gives what was judged since the state of the rules was kept, in that order', () => {
  const events = room()
  events.keep(batch(1, [1]), { inTurn: true })
  events.markJudged()
  events.keep(batch(4, [4, 14]), { inTurn: false })
  events.keep(batch(2, [2, 12]), { inTurn: true })
  const numbers = () =>
    room()
      .judgedSince(100)
      .map(({ events: told }) => told.map(({ time }) => time))
  expect(numbers()).toEqual([[2, 12]])
  // Its turn has come.
  events.keep(batch(4, [4, 14]), { inTurn: true })
  expect(numbers()).toEqual([
    [2, 12],
    [4, 14]
  ])
  expect(events.judgedSince(1)).toEqual([{ site: 'east', agent: 'edge-1', events: batch(2, [2]).events }])
  events.markJudged()
  expect(numbers()).toEqual([])
})

it('forgets what was kept too long ago', () => {
  const events = room(1)
  events.keep(batch(1, [5, 6]), { inTurn: true })
  now += 2 * DAY
  events.keep(batch(2, [7]), { inTurn: true })
  events.forgetBefore(now - DAY)
  expect(events.find({ limit: 10 })).toMatchObject({ events: [{ time: 7 }], leftOut: [] })
})
