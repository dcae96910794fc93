// The books that ingest keeps on disk: ledger and quarantine, over real database files.
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { decode } from '#contract/codec.ts'
import type { Database } from '#runtime/sqlite.ts'
import type { Hole } from '../../../collector/ingest/hole.ts'
import { Ledger } from '../../../collector/ingest/ledger.ts'
import { type Awaited, HEAD_BYTES, Quarantine } from '../../../collector/ingest/quarantine.ts'
import { openCollectorDatabase } from '../../../collector/store/database.ts'
import { temporaryFolder } from '../../parts/wait.ts'
import { Voice } from '../../pipeline/voice.ts'

const voice = new Voice()
let file: string
let database: Database
let ledger: Ledger

beforeEach(async () => {
  file = join(await temporaryFolder(), 'collector.db')
  database = openCollectorDatabase({ file })
  ledger = new Ledger({ database })
})

const hole = (first: number, last: number, more: Partial<Hole> = {}): Hole => ({
  boot: 1,
  first,
  last,
  from: first * 10,
  to: last * 10,
  reason: 'never-arrived',
  samples: null,
  ...more
})
const note = (one: Hole) => ({ site: 'east', agent: 'edge-1', change: { what: 'note', hole: one } as const })
const gaps = () => ledger.gaps({}).map(({ first, last, reason, notedAt }) => `${first}-${last} ${reason} @${notedAt}`)

describe('the ledger', () => {
  it('keeps births with the ids of their tag maps, and lets a later birth only add to a map', () => {
    const first = decode('birth', voice.birth().payload)
    ledger.keepBirth(first, 1)
    const second = { ...first, boot: 2, tags: first.tags.slice(0, 1) }
    ledger.keepBirth(second, 2)
    ledger.keepBirth({ ...second, tagMap: 2 }, 3)
    const [kept] = ledger.births()
    expect(kept?.birth).toEqual({ ...second, tagMap: 2 })
    expect(kept?.tagMaps.map(({ tagMap, tags }) => [tagMap, tags.length])).toEqual([
      [1, 3],
      [2, 1]
    ])
    for (let tagMap = 3; tagMap < 40; tagMap++) ledger.keepBirth({ ...first, tagMap }, tagMap + 1)
    expect(ledger.births()[0]?.tagMaps).toHaveLength(20)
  })

  it('gives back the state of a stream as it was', () => {
    const state = {
      position: { boot: 3, sequence: 9 },
      time: 123,
      ahead: [
        { boot: 3, first: 11, last: 12 },
        { boot: 4, first: 1, last: 1, follows: { boot: 3, sequence: 14 }, from: 5, to: null }
      ],
      tails: [{ boot: 2, sequence: 5 }],
      holes: [hole(10, 10)],
      forgotten: null
    }
    ledger.commit({ streams: [{ site: 'east', agent: 'edge-1', state, lastHeard: 5 }], gaps: [], now: 1 })
    database.close()
    database = openCollectorDatabase({ file })
    expect(new Ledger({ database }).streams()).toEqual([{ site: 'east', agent: 'edge-1', state, lastHeard: 5 }])
  })

  it('leaves out what another version wrote', () => {
    ledger.keepBirth(decode('birth', voice.birth().payload), 1)
    database.exec(`INSERT INTO births VALUES ('west', 'a', '{"kind":"birth","schema":99}'), ('west', 'b', 'x')`)
    database.exec(`INSERT INTO streams VALUES ('west', 'a', '{"position":5}', 1), ('west', 'b', '', 1)`)
    expect(ledger.births().map(({ birth }) => birth.site)).toEqual(['east'])
    expect(ledger.streams()).toEqual([])
  })

  it('notes, shortens and closes gaps, keeping when they were noted', () => {
    ledger.commit({ streams: [], gaps: [note(hole(2, 9))], now: 100 })
    const replace = (fills: Hole[], leaves: Hole[]) => ({
      site: 'east',
      agent: 'edge-1',
      change: { what: 'replace', fills, leaves } as const
    })
    ledger.commit({ streams: [], gaps: [replace([hole(2, 9)], [hole(2, 4), hole(6, 9)])], now: 200 })
    expect(gaps()).toEqual(['6-9 never-arrived @100', '2-4 never-arrived @100'])
    ledger.commit({ streams: [], gaps: [note(hole(2, 4, { reason: 'outbox-size' })), replace([hole(6, 9)], [])], now: 300 })
    expect(gaps()).toEqual(['2-4 outbox-size @100'])
    expect(ledger.gapsSince(100).get('east/edge-1')).toBe(1)
    expect(ledger.gapsSince(101).size).toBe(0)
    ledger.forgetGaps(101)
    expect(gaps()).toEqual([])
  })

  it('knows the device of a gap, which is then no loss of messages', () => {
    ledger.commit({
      streams: [],
      gaps: [note(hole(2, 2, { device: 'plc-1' })), note(hole(3, 3, { device: 'plc-2' })), note(hole(4, 4))],
      now: 100
    })
    expect(ledger.gaps({}).map(({ device }) => device)).toEqual([null, 'plc-2', 'plc-1'])
    expect(ledger.gaps({ device: 'plc-1' }).map(({ first }) => first)).toEqual([4, 2])
    expect(ledger.gapsSince(0).get('east/edge-1')).toBe(1)
  })

  it('finds gaps by agent and by the span that they cover', () => {
    ledger.commit({ streams: [], gaps: [note(hole(2, 9)), note(hole(20, 29, { from: null, to: null }))], now: 1000 })
    const found = (query: Parameters<Ledger['gaps']>[0]) => ledger.gaps(query).map(({ first }) => first)
    expect(found({ site: 'east', agent: 'edge-1' })).toEqual([20, 2])
    expect(found({ site: 'west' })).toEqual([])
    expect(found({ from: 0, to: 20 })).toEqual([])
    expect(found({ from: 85, to: 86 })).toEqual([2])
    expect(found({ from: 91, to: 100 })).toEqual([])
    expect(found({ from: 999, to: 1001 })).toEqual([20])
    expect(found({ limit: 1 })).toEqual([20])
  })
})

describe('the quarantine', () => {
  const bad = (text: string) => ({ topic: 't', code: 'NOT_JSON', reason: 'r', payload: Buffer.from(text) }) as const
  const awaited = (first: number): Awaited => ({ site: 'east', agent: 'edge-1', tagMap: 1, boot: 1, first, last: first })
  const waits = (first: number, bytes = 10) =>
    ({ ...bad('x'.repeat(bytes - 1) + first), code: 'UNKNOWN_TAG_MAP', awaited: awaited(first) }) as const

  it('keeps the first bytes of what is no use, the whole of what waits for a birth, and the same bytes once', () => {
    const quarantine = new Quarantine({ database, ledger, now: () => 7 })
    quarantine.keep(bad('x'.repeat(HEAD_BYTES + 1)))
    quarantine.keep(bad('x'.repeat(HEAD_BYTES + 1)))
    quarantine.keep(waits(1, HEAD_BYTES + 5))
    expect(quarantine.size).toEqual({ entries: 2, bytes: HEAD_BYTES * 2 + 5 })
    expect(quarantine.entries().map(({ bytes }) => bytes)).toEqual([HEAD_BYTES + 5, HEAD_BYTES + 1])
    expect(quarantine.awaited({ site: 'east', agent: 'edge-1', after: 0, limit: 10 })).toMatchObject([{ first: 1 }])
    expect(quarantine.counts()).toEqual(
      new Map([
        ['NOT_JSON', 2],
        ['UNKNOWN_TAG_MAP', 1]
      ])
    )
    expect(quarantine.lastKept).toBe(7)
    const again = new Quarantine({ database, ledger })
    expect([again.size, again.lastKept]).toEqual([quarantine.size, 7])
  })

  it('keeps whole what waits for a birth although its first bytes were kept for another reason', () => {
    const quarantine = new Quarantine({ database, ledger })
    const waiting = waits(1, HEAD_BYTES + 5)
    quarantine.keep({ ...bad(''), payload: waiting.payload })
    quarantine.keep(waiting)
    expect(quarantine.size).toEqual({ entries: 1, bytes: HEAD_BYTES + 5 })
    const [whole] = quarantine.awaited({ site: 'east', agent: 'edge-1', after: 0, limit: 10 })
    expect(whole?.payload).toEqual(waiting.payload)
  })

  it('still has what the store refused after it had waited for its birth', () => {
    const quarantine = new Quarantine({ database, ledger })
    const waiting = waits(1)
    quarantine.keep(waiting)
    const [{ id } = { id: 0 }] = quarantine.awaited({ site: 'east', agent: 'edge-1', after: 0, limit: 10 })
    quarantine.keep({ ...bad(''), code: 'STORE_REFUSED', payload: waiting.payload })
    quarantine.release(id)
    expect(quarantine.entries().map(({ code }) => code)).toEqual(['STORE_REFUSED'])
    expect(quarantine.awaited({ site: 'east', agent: 'edge-1', after: 0, limit: 10 })).toEqual([])
    expect(quarantine.size).toEqual({ entries: 1, bytes: 10 })
  })

  it('lets the oldest make room, counts them, and tells as a gap what waited and is lost with that', () => {
    const quarantine = new Quarantine({ database, ledger, limits: { entries: 3, bytes: 100 } })
    for (let n = 1; n <= 5; n++) quarantine.keep(waits(n))
    expect(quarantine.size).toEqual({ entries: 3, bytes: 30 })
    expect(quarantine.counts().get('REPLACED')).toBe(2)
    expect(ledger.gaps({}).map(({ first, reason }) => `${first} ${reason}`)).toEqual(['2 unreadable', '1 unreadable'])
    quarantine.keep(waits(6, 90))
    expect(quarantine.size).toEqual({ entries: 2, bytes: 100 })
    quarantine.keep(bad('no use'))
    expect(quarantine.size).toEqual({ entries: 2, bytes: 96 })
    const [left] = quarantine.awaited({ site: 'east', agent: 'edge-1', after: 0, limit: 10 })
    quarantine.release(left?.id ?? 0)
    expect(quarantine.size).toEqual({ entries: 1, bytes: 6 })
  })
})
