import { describe, expect, it } from 'vitest'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { Weather, type WeatherOptions } from '../../../simulators/plants/weather.ts'

function hours(options: WeatherOptions, days: number): { outdoor: number; sun: number }[] {
  const weather = new Weather(options)
  return Array.from({ length: days * 24 }, () => {
    weather.step(3600)
    return { outdoor: weather.outdoor, sun: weather.sun }
  })
}
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const warmth = (options: WeatherOptions, days: number) => mean(hours(options, days).map(({ outdoor }) => outdoor))

describe('the weather', () => {
  it('is cold in January and warm in July', () => {
    expect(warmth({ seed: 1, startDay: 5 }, 30)).toBeLessThan(2)
    expect(warmth({ seed: 1, startDay: 185 }, 30)).toBeGreaterThan(22)
  })

  it('stays within what such a town knows, over years', () => {
    for (const { outdoor } of hours({ seed: 3 }, 3 * 365)) {
      expect(outdoor).toBeGreaterThan(-26)
      expect(outdoor).toBeLessThan(45)
    }
  })

  it('is colder before dawn than in the afternoon, and dark at night', () => {
    const year = hours({ seed: 2 }, 365)
    const at = (hour: number) => year.filter((_, i) => (i + 1) % 24 === hour)
    expect(mean(at(15).map((one) => one.outdoor))).toBeGreaterThan(mean(at(4).map((one) => one.outdoor)) + 4)
    expect(Math.max(...at(0).map((one) => one.sun))).toBe(0)
    expect(mean(at(12).map((one) => one.sun))).toBeGreaterThan(0.2)
  })

  it('is moved by what a scenario asks for', () => {
    expect(warmth({ seed: 4, startDay: 10, warmer: -8 }, 5)).toBeCloseTo(warmth({ seed: 4, startDay: 10 }, 5) - 8, 9)
  })

  it('keeps the calendar whatever the time of the week', () => {
    const weather = new Weather({ seed: 1, startDay: 364, startSeconds: 2 * DAY_SECONDS + 12 * 3600 })
    expect(weather.dayOfYear).toBeCloseTo(364.5, 9)
    weather.step(DAY_SECONDS)
    expect(weather.dayOfYear).toBeCloseTo(0.5, 9)
  })

  it('is the same for the same seed and another for another', () => {
    expect(hours({ seed: 7 }, 3)).toEqual(hours({ seed: 7 }, 3))
    expect(hours({ seed: 8 }, 3)).not.toEqual(hours({ seed: 7 }, 3))
  })
})
