// The bounded queue before the store: order, room, and what happens to those who wait when it closes.
import { describe, expect, it } from 'vitest'
import { Stream } from '../../../collector/ingest/streams.ts'
import { Waiting, type Work } from '../../../collector/ingest/waiting.ts'

const stream = new Stream({
  row: { site: 'east', agent: 'edge-1', lastHeard: null },
  limits: { holdMs: 1, holdMessages: 1, holdBytes: 1 },
  now: 0
})
function work(bytes = 10): Work {
  const source = { topic: 't', payload: Buffer.alloc(bytes) }
  return {
    stream,
    samples: null,
    events: null,
    source,
    store: false,
    judge: 'no',
    gap: null,
    state: null,
    reached: [],
    settled: () => {},
    outcome: null
  }
}

async function isPending(promise: Promise<unknown> | undefined): Promise<boolean> {
  const later = Symbol('later')
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, later))])) === later
}

describe('waiting', () => {
  it('gives works in their order and counts bytes', () => {
    const waiting = new Waiting({ limits: { messages: 10_000, bytes: 1e9 } })
    const works = Array.from({ length: 3000 }, () => work())
    for (const one of works) waiting.push(one)
    expect(waiting.bytes).toBe(30_000)
    const taken = [...waiting.take(1), ...waiting.take(1500)]
    for (const one of works.slice(0, 10)) waiting.push(one)
    while (waiting.messages > 0) taken.push(...waiting.take(700))
    expect(taken).toEqual([...works, ...works.slice(0, 10)])
    expect([waiting.messages, waiting.bytes]).toEqual([0, 0])
  })

  it.each([
    ['messages', { messages: 2, bytes: 1e9 }],
    ['bytes', { messages: 1e9, bytes: 20 }]
  ])('lets in only so many %s, in the order of asking', async (_what, limits) => {
    const waiting = new Waiting({ limits })
    expect(waiting.room()).toBeUndefined()
    waiting.push(work())
    waiting.push(work())
    const entered: number[] = []
    const enter = async (n: number) => {
      const room = waiting.room()
      if (room !== undefined) await room
      entered.push(n)
      waiting.push(work())
      if (room !== undefined) waiting.entered()
    }
    const all = [1, 2, 3, 4].map(enter)
    expect(await isPending(all[0])).toBe(true)
    waiting.take(1)
    await all[0]
    expect(await isPending(all[1])).toBe(true)
    expect(entered).toEqual([1])
    waiting.take(2)
    await all[2]
    expect(entered).toEqual([1, 2, 3])
    waiting.take(10)
    await Promise.all(all)
    expect(entered).toEqual([1, 2, 3, 4])
  })

  it('wakes whoever waits for work', async () => {
    const waiting = new Waiting({ limits: { messages: 2, bytes: 100 } })
    const next = waiting.next()
    expect(await isPending(next)).toBe(true)
    waiting.push(work())
    await next
    await waiting.next()
    waiting.take(1)
    const idle = waiting.next()
    waiting.wake()
    await idle
  })

  it('refuses those at the door when it closes, and still gives what it has', async () => {
    const waiting = new Waiting({ limits: { messages: 1, bytes: 100 } })
    waiting.push(work())
    const door = waiting.room()
    waiting.close(new Error('closing'))
    await expect(door).rejects.toThrow('closing')
    await expect(waiting.room()).rejects.toThrow('closing')
    expect(waiting.take(5)).toHaveLength(1)
    await waiting.next()
  })
})
