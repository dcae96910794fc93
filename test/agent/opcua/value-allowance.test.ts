import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ValueAllowance } from '../../../agent/opcua/value-allowance.ts'

const items = (count: number, samplingMs: number, queueSize: number) => Array.from({ length: count }, () => ({ samplingMs, queueSize }))

it('lets everything through that a subscription can make, for ever', () => {
  const plan = fc.record({
    count: fc.integer({ min: 1, max: 500 }),
    samplingMs: fc.integer({ min: 50, max: 5000 }),
    pauseMs: fc.integer({ min: 50, max: 10_000 })
  })
  fc.assert(
    fc.property(plan, ({ count, samplingMs, pauseMs }) => {
      let now = 0
      const queueSize = 1 + Math.ceil(pauseMs / samplingMs)
      const allowance = new ValueAllowance(items(count, samplingMs, queueSize), () => now)
      for (let i = 0; i < 50; i++) {
        now += pauseMs
        allowance.take(count * Math.min(queueSize, Math.ceil(pauseMs / samplingMs)))
      }
      return true
    })
  )
})

it('stops a server that sends many times as much', () => {
  let now = 0
  const allowance = new ValueAllowance(items(2, 200, 2), () => now)
  const flood = () => {
    for (let i = 0; i < 100; i++) {
      now += 100
      allowance.take(100)
    }
  }
  expect(flood).toThrow('many more values')
})

it('lets a great subscription say all that it has at once', () => {
  const allowance = new ValueAllowance(items(20_000, 1000, 2))
  expect(() => allowance.take(40_000)).not.toThrow()
  expect(() => allowance.take(200_000)).toThrow()
})
