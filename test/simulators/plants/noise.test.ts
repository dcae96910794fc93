import { describe, expect, it } from 'vitest'
import { Noise, Wander } from '../../../simulators/plants/noise.ts'
import { Transmitter } from '../../../simulators/plants/transmitter.ts'

const draw = (noise: Noise, count = 20_000) => Array.from({ length: count }, () => noise.normal())
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => value ** 2)) - mean(values) ** 2)

describe('noise', () => {
  it('repeats itself for the same seed and stream', () => {
    expect(draw(new Noise(5, 'a'), 100)).toEqual(draw(new Noise(5, 'a'), 100))
  })

  it('is another one for another seed or stream', () => {
    const first = draw(new Noise(5, 'a'), 100)
    expect(draw(new Noise(6, 'a'), 100)).not.toEqual(first)
    expect(draw(new Noise(5, 'b'), 100)).not.toEqual(first)
  })

  it('has mean 0 and deviation 1, and stays in the range asked for', () => {
    const values = draw(new Noise(1, 'normal'))
    expect(Math.abs(mean(values))).toBeLessThan(0.03)
    expect(Math.abs(deviation(values) - 1)).toBeLessThan(0.03)
    const noise = new Noise(1, 'range')
    const inRange = Array.from({ length: 10_000 }, () => noise.between(2, 3))
    expect(Math.min(...inRange)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...inRange)).toBeLessThan(3)
    expect(new Set(Array.from({ length: 200 }, () => noise.choice(4)))).toEqual(new Set([0, 1, 2, 3]))
  })
})

describe('wander', () => {
  it('keeps its deviation whatever the step', () => {
    for (const seconds of [0.1, 1, 10]) {
      const wander = new Wander({ noise: new Noise(3, 'w'), deviation: 0.5, memorySeconds: 5 })
      const values = Array.from({ length: 60_000 }, () => wander.step(seconds))
      expect(Math.abs(deviation(values) - 0.5)).toBeLessThan(0.06)
    }
  })
})

describe('transmitter', () => {
  const options = { name: 't', seed: 1, noise: 0, resolution: 0.5, low: 0, high: 10 }

  it('rounds to its resolution and ends at its scale', () => {
    const transmitter = new Transmitter(options)
    expect(transmitter.read(3.3, 0.1)).toBe(3.5)
    expect(transmitter.read(14, 0.1)).toBe(10)
    expect(transmitter.read(-2, 0.1)).toBe(0)
  })

  it('lags by its time constant', () => {
    const transmitter = new Transmitter({ ...options, resolution: 0.001, lagSeconds: 10 })
    transmitter.read(0, 0.1)
    let reading = 0
    for (let i = 0; i < 100; i++) reading = transmitter.read(1, 0.1)
    expect(reading).toBeGreaterThan(0.6)
    expect(reading).toBeLessThan(0.66)
  })

  it('reads exactly 0 below its cut-off, noise or not', () => {
    const transmitter = new Transmitter({ ...options, noise: 3, cutoff: 1 })
    expect(Array.from({ length: 50 }, () => transmitter.read(0.5, 0.1))).toEqual(Array(50).fill(0))
  })

  it('reads below zero where its range goes', () => {
    const outdoors = new Transmitter({ ...options, resolution: 0.1, low: -40, high: 60 })
    expect(outdoors.read(-12.3, 1)).toBeCloseTo(-12.3, 6)
  })
})
