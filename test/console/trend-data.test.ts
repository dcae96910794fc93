// The line of a trend breaks where nothing is known, and only there.
import { describe, expect, test } from 'vitest'
import type { Trend } from '#contract/api.ts'
import { BAD_TIMEOUT, GOOD, UNCERTAIN_OUT_OF_RANGE } from '#contract/quality.ts'
import { extentOf, fitted, plotOf } from '../../console/trend-data.ts'

function trendOf(samples: readonly (readonly [time: number, value: number | string | null, quality?: number])[], bucketMs = 1000): Trend {
  const values = samples.map(([, value]) => (typeof value === 'number' ? value : null))
  return {
    from: 0,
    to: 100_000,
    bucketMs,
    times: samples.map(([time]) => time),
    min: values,
    max: values,
    mean: values,
    last: samples.map(([, value]) => value),
    quality: samples.map(([, , quality = GOOD]) => quality),
    count: samples.map(() => 1),
    gaps: []
  }
}

describe('the line', () => {
  test('goes through samples within the hold time', () => {
    const plot = plotOf(
      trendOf([
        [0, 1],
        [10_000, 2],
        [20_000, 3]
      ]),
      { holdMs: 30_000 }
    )
    expect(plot.times).toEqual([0, 10_000, 20_000])
    expect(plot.last).toEqual([1, 2, 3])
  })

  test('breaks where more than the hold time is missing', () => {
    const plot = plotOf(
      trendOf([
        [0, 1],
        [40_000, 2]
      ]),
      { holdMs: 30_000 }
    )
    expect(plot.times).toEqual([0, 1000, 40_000])
    expect(plot.last).toEqual([1, null, 2])
  })

  test('breaks at a bad sample and marks the stretch', () => {
    const plot = plotOf(
      trendOf([
        [0, 1],
        [1000, null, BAD_TIMEOUT],
        [2000, null, BAD_TIMEOUT],
        [3000, 2]
      ]),
      { holdMs: 0 }
    )
    expect(plot.last).toEqual([1, null, null, 2])
    expect(plot.doubts).toEqual([{ from: 1000, to: 3000, quality: 'bad' }])
  })

  test('goes on through a doubtful sample, which is marked apart from a bad one', () => {
    const plot = plotOf(
      trendOf([
        [0, 1, UNCERTAIN_OUT_OF_RANGE],
        [1000, 2, BAD_TIMEOUT]
      ]),
      { holdMs: 0 }
    )
    expect(plot.last).toEqual([1, 2])
    expect(plot.doubts.map(({ quality }) => quality)).toEqual(['uncertain', 'bad'])
  })

  test('has no point for a text', () => {
    const plot = plotOf(trendOf([[0, 'on']]), { holdMs: 0 })
    expect(plot).toMatchObject({ last: [null], hasText: true })
  })
})

describe('the live end', () => {
  const trend = trendOf([
    [0, 1],
    [1000, 2]
  ])

  test('adds what is newer than the last bucket and nothing twice', () => {
    const tail = [
      { time: 1500, value: 9, quality: GOOD },
      { time: 2500, value: 3, quality: GOOD }
    ]
    const plot = plotOf(trend, { holdMs: 5000, tail })
    expect(plot.times).toEqual([0, 1000, 2500])
    expect(plot.last).toEqual([1, 2, 3])
  })

  test('shows a bad live sample as a break', () => {
    const plot = plotOf(trend, { holdMs: 5000, tail: [{ time: 2500, value: 3, quality: BAD_TIMEOUT }] })
    expect(plot.last).toEqual([1, 2, null])
    expect(plot.doubts).toHaveLength(1)
  })
})

describe('the extent', () => {
  const plot = plotOf(
    trendOf([
      [0, 0.5],
      [1000, 0.6]
    ]),
    { holdMs: 0 }
  )

  test('holds the agreed limits', () => {
    const { min, max } = extentOf(plot, { low: 0.4, high: 0.7 }, undefined)
    expect(min).toBeLessThan(0.4)
    expect(max).toBeGreaterThan(0.7)
  })

  test('leaves out a declared range that would flatten the line', () => {
    expect(extentOf(plot, undefined, { low: 0, high: 500 }).max).toBeLessThan(20)
  })

  test('of nothing is the declared range', () => {
    expect(extentOf(plotOf(trendOf([]), { holdMs: 0 }), undefined, { low: -5, high: 40 })).toEqual({ min: -5, max: 40 })
  })

  test('does not make a drama of the noise of a steady value', () => {
    const { min, max } = extentOf(
      plotOf(
        trendOf([
          [0, 3.598],
          [1000, 3.6]
        ]),
        { holdMs: 0 }
      ),
      undefined,
      { low: 0, high: 6 }
    )
    expect(max - min).toBeCloseTo(0.3, 2)
  })

  test('of one value has room on both sides', () => {
    const { min, max } = extentOf(plotOf(trendOf([[0, 0]]), { holdMs: 0 }), undefined, undefined)
    expect(min).toBeLessThan(0)
    expect(max).toBeGreaterThan(0)
  })
})

describe('the span of an alert of a young series', () => {
  const span = { from: 0, to: 100_000 }

  test('begins shortly before the first sample', () => {
    expect(fitted(span, trendOf([[60_000, 1]]), 5000)).toEqual({ from: 55_000, to: 100_000 })
  })

  test('keeps a gap in the picture', () => {
    const trend = { ...trendOf([[60_000, 1]]), gaps: [{ from: 20_000, to: 50_000, reason: 'never-arrived' as const }] }
    expect(fitted(span, trend, 5000).from).toBe(15_000)
  })

  test('is whole when the series is old, or empty', () => {
    expect(fitted(span, trendOf([[0, 1]]), 5000)).toEqual(span)
    expect(fitted(span, trendOf([]), 5000)).toEqual(span)
  })
})
