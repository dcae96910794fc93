// No old value is shown as new: what was not heard for three heartbeats is stale, and older news does not replace newer.
import { expect, test, vi } from 'vitest'
import type { TagView } from '#contract/api.ts'
import { isStale, LiveValues } from '../../console/live-values.ts'
import { rowsInView } from '../../console/rows-in-view.ts'
import { keyOf, linkOf } from '../../console/series.ts'

const series = { site: 'east', agent: 'edge-1', view: 'polled', tag: 'tower.level' } as const
const key = keyOf(series)

function tagView(time: number, stale: boolean): TagView {
  return {
    site: 'east',
    agent: 'edge-1',
    view: 'polled',
    stale,
    openAlerts: 0,
    latest: { time, value: 1, quality: 0 },
    tag: {
      id: 1,
      name: 'tower.level',
      device: 'plc-1',
      role: 'measurement',
      dataType: 'float',
      address: '0',
      cadenceMs: 1000,
      heartbeatMs: 10_000
    }
  }
}

function samples(time: number, value: number) {
  return { site: 'east', agent: 'edge-1', view: 'polled' as const, tags: ['tower.level'], times: [time], values: [value], qualities: [0] }
}

test('a value is fresh for three heartbeats after it was heard', () => {
  const values = new LiveValues()
  values.apply(samples(5, 3), 1000)
  const value = values.get(key)
  if (value === undefined) throw new Error('no value')
  expect(isStale(value, 10_000, 31_000)).toBe(false)
  expect(isStale(value, 10_000, 31_001)).toBe(true)
})

test('what the collector calls stale stays stale until it is heard again', () => {
  const values = new LiveValues()
  values.seed([tagView(5, true)], 1000)
  expect(values.get(key)).toMatchObject({ heardAt: null })
  values.apply(samples(6, 2), 1001)
  expect(values.get(key)).toMatchObject({ value: 2, heardAt: 1001 })
})

test('an answer that took long does not replace newer live values', () => {
  const values = new LiveValues()
  values.apply(samples(9, 2), 1000)
  values.seed([tagView(5, false)], 1001)
  values.apply(samples(8, 4), 1002)
  expect(values.get(key)).toMatchObject({ time: 9, value: 2 })
})

test('tells those who look at the tag, and nobody else', () => {
  const values = new LiveValues()
  const told = vi.fn()
  const other = vi.fn()
  const leave = values.subscribe(key, told)
  values.subscribe(keyOf({ ...series, tag: 'zone.flow' }), other)
  values.apply(samples(1, 1))
  leave()
  values.apply(samples(2, 2))
  expect(told).toHaveBeenCalledTimes(1)
  expect(other).not.toHaveBeenCalled()
})

test('columns of unequal length are read as far as they go', () => {
  const values = new LiveValues()
  values.apply({ ...samples(1, 1), values: [] })
  expect(values.get(key)).toBeUndefined()
})

test('a series has one address', () => {
  expect(linkOf(series)).toBe('/tags/east/edge-1/polled/tower.level')
})

test.each([
  [
    { top: 0, height: 500, row: 50, count: 1200 },
    { first: 0, end: 22 }
  ],
  [
    { top: 30_000, height: 500, row: 50, count: 1200 },
    { first: 588, end: 622 }
  ],
  [
    { top: 59_900, height: 500, row: 50, count: 1200 },
    { first: 1186, end: 1200 }
  ],
  [
    { top: 90_000, height: 500, row: 50, count: 3 },
    { first: 3, end: 3 }
  ],
  [
    { top: -400, height: 500, row: 50, count: 0 },
    { first: 0, end: 0 }
  ]
])('rows in view of %o', (place, rows) => {
  expect(rowsInView(place)).toEqual(rows)
})
