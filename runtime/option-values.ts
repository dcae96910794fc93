// The values of options, checked while the command line is read, with a fault that says what is wanted.
import { InvalidArgumentError } from 'commander'
import type { Say } from './command-line.ts'

export function wholeNumber(say: Say, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < low || value > high)
      throw new InvalidArgumentError(say(`应为 ${low} 至 ${high} 的整数。`, `must be a whole number from ${low} to ${high}.`))
    return value
  }
}

export function anyNumber(say: Say): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(say('应为数值。', 'must be a number.'))
    return value
  }
}

export function numberWithin(say: Say, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= low && value <= high))
      throw new InvalidArgumentError(say(`应为 ${low} 至 ${high} 的数值。`, `must be a number from ${low} to ${high}.`))
    return value
  }
}

const FACTORS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A span such as 500ms, 90s, 5m or 1h, in milliseconds; a bare number is of seconds. */
export function span(say: Say, { low, high }: { low: number; high: number }): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,9})\s*(ms|s|m|h)?$/.exec(text)
    const value = Number(match?.[1] ?? Number.NaN) * (FACTORS[match?.[2] ?? 's'] ?? Number.NaN)
    if (!(value >= low && value <= high))
      throw new InvalidArgumentError(say('应为 90s、5m 或 1h 这样的时长。', 'must be a span such as 90s, 5m or 1h.'))
    return value
  }
}
