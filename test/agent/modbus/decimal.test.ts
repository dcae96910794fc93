// Decimal arithmetic at the edges of what a double can hold; the golden cases of registers cover the middle.
import { describe, expect, it } from 'vitest'
import { scaling, shortestFloat32 } from '../../../agent/modbus/decimal.ts'

describe('scaling', () => {
  it.each([
    [453, 0.01, 0.5, 5.03],
    [3, 0.25, 0, 0.75],
    [7, 3, -1, 20],
    // Numbers that JavaScript writes with an exponent.
    [3, 5e-7, 0, 0.0000015],
    [3, 2.5e-7, 1, 1.00000075],
    [1.5e-7, 3, 0, 4.5e-7],
    [13, 1e-7, 0, 0.0000013],
    [3, 1e-9, 0, 3e-9],
    [1e21, 1e-9, 0, 1e12]
  ])('%d x %d + %d is %d', (raw, scale, offset, value) => {
    expect(scaling(scale, offset)(raw)).toBe(value)
  })

  // What is multiplied, what is added, or their sum has more than 53 bits as a whole number of the smallest unit.
  it.each([
    [-5_212_947, 0.1, 9_000_000_000_000_000],
    [1_854_830_145_835_876, 0.1, 800_000_000_000_000.2],
    [3_317_284_494_638_443, 0.3, -899_999_999_999_999.5],
    [8_345_311_403_274_536, 1.1, -9_000_000_000_000_000],
    [7_520_315_408_706_665, 1.1, -899_999_999_999_999.5],
    [-5_986_343_979_835_510, 0.7, -9_000_000_000_000_000],
    // More than 22 places.
    [1.5e-12, 1e-12, 0],
    [1e-12, 1e-11, 0],
    [1e-12, 1e-11, 1e-20],
    // Fewer than none.
    [1e21, 10, 1e21],
    [4, 1e-30, 5],
    [3, 2, 1e-30],
    [1e300, 0.5, 1]
  ])('%d x %d + %d is what plain arithmetic gives', (raw, scale, offset) => {
    expect(scaling(scale, offset)(raw)).toBe(raw * scale + offset)
  })

  it('leaves what is no number to whoever judges it', () => {
    expect(scaling(0.1, 1)(Number.NaN)).toBeNaN()
    expect(scaling(0.1, 1)(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
  })
})

it.each([
  [0, 0],
  [0.1, 0.1],
  [-2.5, -2.5],
  [123_456.79, 123_456.79],
  [16_777_216, 16_777_216],
  // A whole number is exact as it is.
  [1e20, Math.fround(1e20)],
  // Nine digits are needed, as IEEE 754 says is the most.
  [8.589973e9, 8_589_973_504],
  [1.000_000_1, 1.000_000_1],
  [0.000_123_456_7, 0.000_123_456_7]
])('the float32 nearest to %d is written %d', (number, written) => {
  expect(shortestFloat32(Math.fround(number))).toBe(written)
})

it('a float32 that needs more than 22 places is written as the double that it is', () => {
  for (const tiny of [1e-30, 1e-40, -3e-25].map(Math.fround)) expect(shortestFloat32(tiny)).toBe(tiny)
})
