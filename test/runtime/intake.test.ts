// The bounds and the order between arrival and acknowledgement.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Receipts, Room } from '#runtime/intake.ts'

const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve))

test('whatever settles first, PUBACKs leave in the order of arrival, each once, none before its message is taken', async () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(
      ids.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all))),
      async ([all, settled]) => {
        const written: number[] = []
        const receipts = new Receipts((bytes) => {
          for (let at = 0; at < bytes.length; at += 4) {
            expect(bytes.readUInt16BE(at)).toBe(0x4002)
            written.push(bytes.readUInt16BE(at + 2))
          }
        })
        const settle = new Map(all.map((id) => [id, receipts.expect(id)]))
        for (const id of settled) {
          settle.get(id)?.()
          if (id % 3 === 0) await nextTick()
        }
        await nextTick()
        const open = all.findIndex((id) => !settled.includes(id))
        expect(written).toEqual(open === -1 ? all : all.slice(0, open))
      }
    ),
    { numRuns: 60 }
  )
})

test('nothing is written after closing, not even what has settled', async () => {
  const written: Buffer[] = []
  const receipts = new Receipts((bytes) => written.push(bytes))
  const [one, two] = [receipts.expect(1), receipts.expect(2)]
  one()
  receipts.close()
  two()
  await nextTick()
  expect(written).toEqual([])
})

test('a room lets in while there is room, counts bytes as well, and takes one that is larger than all of it', () => {
  const room = new Room({ messages: 3, bytes: 100 })
  const passed: string[] = []
  room.enter(10, () => passed.push('a'))
  room.enter(95, () => passed.push('b'))
  expect([room.messages, passed]).toEqual([2, ['a']])
  room.leave(10)
  expect(passed).toEqual(['a', 'b'])
  room.leave(95)
  room.enter(1_000_000, () => passed.push('huge'))
  expect(passed).toEqual(['a', 'b'])
  room.leave(1_000_000)
  expect([room.messages, passed]).toEqual([0, ['a', 'b', 'huge']])
})

test('a room tells when it is empty', async () => {
  const room = new Room({ messages: 1, bytes: 100 })
  await room.emptied()
  room.enter(1, () => undefined)
  let empty = false
  const emptied = room.emptied().then(() => {
    empty = true
  })
  await nextTick()
  expect(empty).toBe(false)
  room.leave(1)
  await emptied
  expect(empty).toBe(true)
})
