// A PLC: in every scan it lets the plant move on, runs its program on the instruments and publishes the register image.
// A report can be held: the register keeps its present value while plant and program go on, which is what a forger wants.
import type { Plant } from '../plants/plant.ts'
import type { RegisterImage } from './register-image.ts'
import { putValue, type Register } from './registers.ts'

export interface Program<Tag extends string = string> {
  scan(seconds: number): void
  /** Hands every measurement to put; writes the states itself. */
  publish(put: (tag: Tag, value: number) => void): void
}

export interface PlcOptions<Tag extends string> {
  plant: Pick<Plant<unknown, unknown>, 'step'>
  program: Program<Tag>
  image: RegisterImage
  registers: Readonly<Record<Tag, Register>>
  /** The tag that counts scans and wraps. */
  scanCount: Tag
  scanMs: number
}

export class Plc<Tag extends string = string> {
  readonly image: RegisterImage
  readonly scanMs: number
  readonly #options: PlcOptions<Tag>
  readonly #held = new Set<Tag>()
  readonly #put: (tag: Tag, value: number) => void
  #scans = 0

  constructor(options: PlcOptions<Tag>) {
    this.#options = options
    this.image = options.image
    this.scanMs = options.scanMs
    this.#put = (tag, value) => {
      if (!this.#held.has(tag)) putValue(options.image, options.registers[tag], value)
    }
    options.program.publish(this.#put)
  }

  get scans(): number {
    return this.#scans
  }

  scan(): void {
    const { plant, program, scanCount, scanMs } = this.#options
    const seconds = scanMs / 1000
    plant.step(seconds)
    program.scan(seconds)
    program.publish(this.#put)
    this.#scans++
    this.#put(scanCount, this.#scans % 0x1_0000)
  }

  hold(tag: Tag): void {
    this.#held.add(tag)
  }

  release(tag: Tag): void {
    this.#held.delete(tag)
  }
}
