// A PLC: in every scan it lets the plant move on, runs its program on the instruments and publishes the register image.
// A report can be falsified: the register shows what a forger makes of the reading, while plant and program go on.
import type { Plant } from '../plants/plant.ts'
import type { RegisterImage } from './register-image.ts'
import { coldStart, type TagMap, type TagRow, writeTag } from './tag-map.ts'

export interface Program<Tag extends string = string> {
  scan(seconds: number): void
  /** Hands every measurement to put; may write the states itself. */
  publish(put: (tag: Tag, value: number) => void): void
  /** Lets go of the outputs, as they do when the PLC has no supply: what is driven by them stops, what is motorised stays. */
  release(): void
}

/** What is reported in place of a true reading; given the plant's seconds. */
export type Distortion = (value: number, seconds: number) => number

export interface PlcOptions {
  plant: Pick<Plant<unknown, unknown>, 'step' | 'seconds'>
  /** Loads the program as after a cold start. */
  program: () => Program
  image: RegisterImage
  map: TagMap
  /** The tag that counts scans and wraps. */
  scanCount: string
  scanMs: number
}

export interface Control {
  readonly running: boolean
  /** Forgets what people did to the port and by it. */
  powerUp(): void
}

export class Plc {
  readonly image: RegisterImage
  readonly scanMs: number
  readonly #options: PlcOptions
  readonly #rows: ReadonlyMap<string, TagRow>
  readonly #distortions = new Map<string, Distortion[]>()
  readonly #put: (tag: string, value: number) => void
  /** The port of the PLC, by which an engineering workstation may stop the program. */
  control: Control = { running: true, powerUp: () => {} }
  #program: Program
  #powered = true
  #scans = 0

  constructor(options: PlcOptions) {
    this.#options = options
    this.image = options.image
    this.scanMs = options.scanMs
    this.#rows = new Map(Object.entries(options.map.tags))
    this.#put = (tag, value) => this.#report(tag, value)
    this.#program = options.program()
    this.#program.publish(this.#put)
  }

  get scans(): number {
    return this.#scans
  }

  scan(): void {
    const { plant, scanCount, scanMs } = this.#options
    const seconds = scanMs / 1000
    plant.step(seconds)
    // While the program does not run, outputs and registers keep what they had, and the plant goes on.
    if (!this.#powered || !this.control.running) return
    this.#program.scan(seconds)
    this.#program.publish(this.#put)
    this.#scans++
    this.#put(scanCount, this.#scans % 0x1_0000)
  }

  /** Hands every reading as the program has it, whatever a forger makes of it in the registers. */
  measure(put: (tag: string, value: number) => void): void {
    this.#program.publish(put)
  }

  powerOff(): void {
    this.#powered = false
    this.#program.release()
  }

  /** A cold start: what people had set is lost; totalisers, which are kept by a battery, are not. */
  powerOn(): void {
    coldStart(this.#options.map, this.image)
    this.#program = this.#options.program()
    this.#program.publish(this.#put)
    this.#scans = 0
    this.#powered = true
    this.control.powerUp()
  }

  /** Several may work on one tag, in the order in which they came. The returned function lets the truth through again. */
  falsify(tag: string, distortion: Distortion): () => void {
    if (!this.#rows.has(tag)) throw new RangeError(`the PLC has no tag ${tag}`)
    this.#distortions.set(tag, [...(this.#distortions.get(tag) ?? []), distortion])
    return () => {
      const left = (this.#distortions.get(tag) ?? []).filter((one) => one !== distortion)
      if (left.length > 0) this.#distortions.set(tag, left)
      else this.#distortions.delete(tag)
    }
  }

  #report(tag: string, value: number): void {
    const row = this.#rows.get(tag)
    if (row === undefined) throw new RangeError(`the program reports ${tag}, which the map does not have`)
    // Nearly always nobody falsifies anything.
    writeTag(this.image, row, this.#distortions.size === 0 ? value : this.#distorted(tag, value))
  }

  #distorted(tag: string, value: number): number {
    const distortions = this.#distortions.get(tag)
    if (distortions === undefined) return value
    const { seconds } = this.#options.plant
    return distortions.reduce((shown, distort) => distort(shown, seconds), value)
  }
}
