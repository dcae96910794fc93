// Seeded randomness: the same seed and stream name give the same numbers on every machine.
// Each instrument and each habit has its own stream, so adding one does not change the others.

export class Noise {
  #a: number
  #b: number
  #c: number
  #counter = 1
  #spare: number | null = null

  constructor(seed: number, stream: string) {
    this.#a = seed | 0
    this.#b = hash(stream)
    this.#c = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
    for (let i = 0; i < 16; i++) this.#next()
  }

  /** At least 0 and below 1. */
  uniform(): number {
    return this.#next() / 0x1_0000_0000
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /** A whole number from 0 to count - 1. */
  choice(count: number): number {
    return Math.floor(this.uniform() * count)
  }

  /** Mean 0, deviation 1 (the polar method gives two at a time). */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare
      this.#spare = null
      return spare
    }
    let x: number
    let y: number
    let square: number
    do {
      x = 2 * this.uniform() - 1
      y = 2 * this.uniform() - 1
      square = x * x + y * y
    } while (square >= 1 || square === 0)
    const scale = Math.sqrt((-2 * Math.log(square)) / square)
    this.#spare = y * scale
    return x * scale
  }

  // sfc32: 128 bits of state, all of it integer arithmetic.
  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }
}

// A value that wanders about 0 and forgets itself after a while (Ornstein-Uhlenbeck, exact for any step).
export class Wander {
  #value: number
  #step = 0
  #keep = 1
  #kick = 0
  readonly #noise: Noise
  readonly #deviation: number
  readonly #memorySeconds: number

  constructor(options: { noise: Noise; deviation: number; memorySeconds: number }) {
    this.#noise = options.noise
    this.#deviation = options.deviation
    this.#memorySeconds = options.memorySeconds
    this.#value = options.deviation * options.noise.normal()
  }

  step(seconds: number): number {
    if (seconds !== this.#step) {
      this.#step = seconds
      this.#keep = Math.exp(-seconds / this.#memorySeconds)
      this.#kick = this.#deviation * Math.sqrt(1 - this.#keep ** 2)
    }
    this.#value = this.#keep * this.#value + this.#kick * this.#noise.normal()
    return this.#value
  }
}

// FNV-1a, 32 bits.
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value | 0
}
