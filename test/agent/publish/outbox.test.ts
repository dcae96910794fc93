import { describe, expect, it } from 'vitest'
import { decode } from '#contract/codec.ts'
import type { Gap } from '#contract/gap.ts'
import type { Tag } from '#contract/tag.ts'
import { Columns } from '../../../agent/publish/columns.ts'
import type { StoredMessage } from '../../../agent/publish/outbox.ts'
import { close, freshFile, noise, openAt, read, samples, T } from '../../parts/outbox-file.ts'

const gapOf = (message: StoredMessage | undefined): Gap => decode('gap', message?.payload ?? Buffer.alloc(0))

describe('numbers', () => {
  it('count from 1 in each boot, and the first of a boot says what it follows', async () => {
    const file = await freshFile()
    const first = openAt(file)
    expect(first.last).toBeNull()
    expect(first.putSamples(samples(T))).toEqual({ boot: T, sequence: 1 })
    expect(first.putSamples(samples(T + 10))).toEqual({ boot: T, sequence: 2 })
    close(first)
    // A clock that stands still, or was put back, does not give a boot id twice.
    const second = openAt(file, { now: () => T - 5000 })
    expect(second.boot).toBe(T + 1)
    expect(second.last).toEqual({ boot: T, sequence: 2 })
    second.putSamples(samples(T + 20))
    const messages = second.after(null, 10).map(read)
    expect(messages.map(({ boot, sequence, follows }) => ({ boot, sequence, follows }))).toEqual([
      { boot: T, sequence: 1, follows: null },
      { boot: T, sequence: 2, follows: undefined },
      { boot: T + 1, sequence: 1, follows: { boot: T, sequence: 2 } }
    ])
    expect(second.lastTime).toBe(T + 22)
  })

  it('follow the last number ever given, over boots that gave none and after all was forgotten', async () => {
    const file = await freshFile()
    const first = openAt(file)
    const position = first.putSamples(samples(T))
    first.forget(position)
    close(first)
    close(openAt(file))
    const third = openAt(file)
    third.putSamples(samples(T + 10))
    expect(third.boot).toBe(T + 2)
    expect(third.after(null, 10).map(read)).toMatchObject([{ boot: T + 2, sequence: 1, follows: { boot: T, sequence: 1 } }])
  })

  it('hold a whole batch: columns, base and tag map', async () => {
    const outbox = openAt(await freshFile())
    const columns = new Columns(1000)
    columns.add(7, T + 5, 1.5, 0)
    columns.add(9, T, 'RUN', 0)
    columns.add(8, T + 1, null, 0x800a0000)
    outbox.putSamples(columns)
    expect(outbox.after(null, 1).map(read)[0]).toMatchObject({
      kind: 'samples',
      site: 'east',
      agent: 'edge-1',
      view: 'polled',
      tagMap: outbox.tagMap,
      base: T,
      tags: [7, 9, 8],
      times: [5, 0, 1],
      values: [1.5, 'RUN', null],
      qualities: [0, 0, 0x800a0000]
    })
  })
})

describe('what is stored elsewhere', () => {
  it('is forgotten up to the position and no further', async () => {
    const file = await freshFile()
    const outbox = openAt(file)
    const positions = [0, 10, 20].map((offset) => outbox.putSamples(samples(T + offset)))
    outbox.forget(positions[1] ?? { boot: 0, sequence: 0 })
    outbox.tidy()
    expect(outbox.after(null, 10).map((message) => message.sequence)).toEqual([3])
    expect(outbox.state.messages).toBe(1)
    close(outbox)
    expect(
      openAt(file)
        .after(null, 10)
        .map((message) => message.sequence)
    ).toEqual([3])
  })
})

describe('tag ids', () => {
  const tag = (name: string, more: Partial<Tag> = {}): Omit<Tag, 'id'> => ({
    name,
    device: 'plc-1',
    role: 'measurement',
    dataType: 'float',
    address: 'holding-register 1 of unit 1',
    cadenceMs: 1000,
    heartbeatMs: 10_000,
    ...more
  })

  it('stay with their names and are never used again', async () => {
    const file = await freshFile()
    const first = openAt(file)
    const tagMap = first.tagMap
    expect(first.identify([tag('a'), tag('b')]).map((one) => one.id)).toEqual([1, 2])
    first.putSamples(samples(T))
    close(first)
    const second = openAt(file)
    expect(second.tagMap).toBe(tagMap)
    const live = second.identify([tag('c'), tag('b', { unit: 'm' })])
    expect(live).toMatchObject([
      { id: 3, name: 'c' },
      { id: 2, name: 'b', unit: 'm' }
    ])
    // A message of the boot before may hold samples of a, so the birth still explains it.
    expect(second.retired(live)).toMatchObject([{ id: 1, name: 'a', retired: true }])
    second.forget({ boot: T, sequence: 1 })
    second.tidy()
    expect(second.retired(live)).toEqual([])
    close(second)
    expect(
      openAt(file)
        .identify([tag('a')])
        .map((one) => one.id)
    ).toEqual([1])
  })

  it('begin anew under another tag map in a new file', async () => {
    expect(openAt(await freshFile()).tagMap).not.toBe(openAt(await freshFile()).tagMap)
  })
})

describe('caps', () => {
  it('on size drop the oldest and leave one exact gap with their numbers', async () => {
    const outbox = openAt(await freshFile(), { maxBytes: 100_000 })
    for (let i = 0; i < 20; i++) outbox.putSamples(noise(T + 1000 * i, 1000))
    const [head, ...rest] = outbox.after(null, 100)
    const gap = gapOf(head)
    expect(outbox.state.bytes).toBeLessThanOrEqual(100_000)
    const dropped = gap.sequence
    expect(gap).toMatchObject({
      first: 1,
      follows: null,
      reason: 'outbox-size',
      samples: 1000 * dropped,
      from: T,
      to: T + 1000 * (dropped - 1) + 999
    })
    expect(rest.map((message) => message.sequence)).toEqual(Array.from({ length: 20 - dropped }, (_, i) => dropped + 1 + i))
    expect(outbox.state.droppedMessages).toBe(dropped)
    expect(dropped).toBeGreaterThan(10)
  })

  it('on age do the same, boot by boot', async () => {
    const file = await freshFile()
    let now = T
    const first = openAt(file, { now: () => now })
    first.putSamples(samples(T))
    first.putSamples(samples(T + 10))
    close(first)
    now += 1000
    const second = openAt(file, { now: () => now })
    second.putSamples(samples(now, 5))
    now += 3_600_001
    second.putSamples(samples(now))
    expect(second.after(null, 10).map(read)).toMatchObject([
      { kind: 'gap', boot: T, first: 1, sequence: 2, reason: 'outbox-age', samples: 6, from: T, to: T + 12 },
      { kind: 'gap', boot: T + 1000, sequence: 1, follows: { boot: T, sequence: 2 }, reason: 'outbox-age', samples: 5 },
      { kind: 'samples', boot: T + 1000, sequence: 2 }
    ])
  })

  it('make the same gap whether it grew in one boot or over a restart', async () => {
    const file = await freshFile()
    let now = T
    const first = openAt(file, { now: () => now })
    first.putSamples(samples(T))
    now += 2000
    first.putSamples(samples(T + 2000))
    now = T + 3_600_001
    first.tidy()
    close(first)
    now += 2000
    const second = openAt(file, { now: () => now })
    expect(second.after(null, 10).map(read)).toMatchObject([
      { kind: 'gap', boot: T, first: 1, sequence: 2, samples: 6, from: T, to: T + 2002 }
    ])
  })
})
