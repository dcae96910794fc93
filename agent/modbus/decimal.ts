// Exact decimal arithmetic on numbers as people write them: 453 x 0.01 is 4.53, not 4.5300000000000002.

// A number as whole digits over a power of ten: 4.53 is 453 with 2 places.
interface Decimal {
  digits: number
  places: number
}

// Powers of ten up to 22 are exact doubles; written out, because ** need not be exact.
const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
]

// What is not in the table makes whatever is calculated with it no number, which is found at the end.
const power = (places: number): number => POWERS[places] ?? Number.NaN

function decimalOf(value: number): Decimal {
  if (Number.isSafeInteger(value)) return { digits: value, places: 0 }
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const point = mantissa.indexOf('.')
  const fraction = point < 0 ? 0 : mantissa.length - point - 1
  return { digits: Number(mantissa.replace('.', '')), places: fraction - Number(exponent) }
}

// Worked example: 453 x 0.01 + 0.5 = (453 x 1 + 50) / 100. Both sides of the one division are exact, so its result is the
// double nearest to the true decimal. Where a side does not fit 53 bits, plain arithmetic is as good as it gets.
export function scaling(scale: number, offset: number): (raw: number) => number {
  if (scale === 1 && offset === 0) return (raw) => raw
  const factor = decimalOf(scale)
  const shift = decimalOf(offset)
  return (raw) => {
    const value = decimalOf(raw)
    const product = value.places + factor.places
    const places = Math.max(product, shift.places)
    const left = value.digits * factor.digits * power(places - product)
    const right = shift.digits * power(places - shift.places)
    const sum = left + right
    const exact = Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(sum)
    const result = exact ? sum / power(places) : Number.NaN
    return Number.isNaN(result) ? raw * scale + offset : result
  }
}

// The shortest decimal that names a float32: 0.1 and not 0.10000000149011612. Nothing is lost, Math.fround gives the float32
// back; the other digits are noise that a 24-bit number never held. 9 digits name every float32 (IEEE 754-2019, 5.12.2).
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value)) return value
  const magnitude = Math.floor(Math.log10(Math.abs(value)))
  for (let significant = 6; significant <= 9; significant++) {
    const places = significant - 1 - magnitude
    const candidate = Math.round(value * power(places)) / power(places)
    if (Math.fround(candidate) === value) return candidate
  }
  return value
}
