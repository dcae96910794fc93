// Keeps a value that people write within what a program takes. A float register can hold what is no number: it counts as the least.

export interface Bounds {
  readonly low: number
  readonly high: number
}

export const bounded = (value: number, { low, high }: Bounds): number => (Number.isNaN(value) ? low : Math.min(high, Math.max(low, value)))
