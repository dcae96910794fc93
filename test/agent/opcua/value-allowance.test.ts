import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ValueAllowance } from '../../../agent/opcua/value-allowance.ts'

const items = (count: number, queueSize: number) => Array.from({ length: count }, () => ({ queueSize }))

it('lets through what a server may send: every queue full in every publish, one of them late', () => {
  const plan = fc.record({
    count: fc.integer({ min: 1, max: 500 }),
    queueSize: fc.integer({ min: 1, max: 100 }),
    publishingMs: fc.integer({ min: 50, max: 5000 }),
    late: fc.array(fc.integer({ min: 0, max: 49 }), { maxLength: 2 })
  })
  fc.assert(
    fc.property(plan, ({ count, queueSize, publishingMs, late }) => {
      let now = 0
      const allowance = new ValueAllowance({ items: items(count, queueSize), publishingMs, now: () => now })
      for (let i = 0; i < 50; i++) {
        // A late one comes together with the next.
        if (!late.includes(i)) now += publishingMs
        allowance.take(count * queueSize)
      }
      return true
    })
  )
})

it('stops a server that sends many times as much', () => {
  let now = 0
  const allowance = new ValueAllowance({ items: items(2, 2), publishingMs: 200, now: () => now })
  const flood = () => {
    for (let i = 0; i < 100; i++) {
      now += 100
      allowance.take(100)
    }
  }
  expect(flood).toThrow('many more values')
})

it('lets a great subscription say all that it has at once', () => {
  const allowance = new ValueAllowance({ items: items(20_000, 2), publishingMs: 1000 })
  expect(() => allowance.take(40_000)).not.toThrow()
  expect(() => allowance.take(200_000)).toThrow()
})
