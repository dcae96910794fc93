import { describe, expect, it } from 'vitest'
import { pattern, season } from '../../../simulators/plants/demand.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'

describe('demand', () => {
  it('is higher in summer and in hot weather', () => {
    expect(season(200, 0)).toBeGreaterThan(season(20, 0) * 1.2)
    expect(season(200, 5)).toBeGreaterThan(season(200, 0))
    expect(season(105, 0)).toBeCloseTo(1, 1)
  })

  it('has two peaks on workdays, rises later at weekends and averages about 1', () => {
    const at = (day: number, hour: number) => pattern(day * DAY_SECONDS + hour * 3600)
    expect(at(0, 8)).toBeGreaterThan(1.4)
    expect(at(0, 3)).toBeLessThan(0.5)
    expect(at(0, 19)).toBeGreaterThan(1.4)
    expect(at(5, 7)).toBeLessThan(at(4, 7))
    const minutes = Array.from({ length: 7 * 1440 }, (_, i) => pattern(i * 60))
    expect(minutes.reduce((a, b) => a + b, 0) / minutes.length).toBeCloseTo(1, 1)
  })

  it('has no jumps, midnight and the weekend included', () => {
    for (let minute = 1; minute <= 7 * 1440; minute++)
      expect(Math.abs(pattern(minute * 60) - pattern((minute - 1) * 60))).toBeLessThan(0.02)
  })
})
