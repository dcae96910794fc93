// Writes a recording line by line, as fast as the disk takes it; under its own name only when it is whole.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import type { Label } from '#contract/label.ts'
import type { FailedStep } from './not-played.ts'
import { type OutputPlace, placeFor } from './output-place.ts'
import {
  countEntry,
  isCompressed,
  MAX_LINE_BYTES,
  RECORDING_VERSION,
  type RecordedMessage,
  type RecordingCounts,
  type RecordingEnd,
  type RecordingEntry,
  type RecordingHead
} from './recording.ts'

const BLOCK_CHARACTERS = 64 << 10

export class RecordingWriter implements AsyncDisposable {
  readonly #place: OutputPlace
  readonly #sink: Transform
  readonly #written: Promise<void>
  readonly #hash = createHash('sha256')
  readonly #counts: RecordingCounts = { messages: 0, samples: 0, labels: 0 }
  #block = ''
  #latest = 0

  /** `.zst` at the end of the name compresses. */
  static async create(options: { file: string; head: Omit<RecordingHead, 'recording'> }): Promise<RecordingWriter> {
    return new RecordingWriter({ ...options, place: await placeFor(options.file) })
  }

  private constructor(options: { file: string; head: Omit<RecordingHead, 'recording'>; place: OutputPlace }) {
    this.#place = options.place
    this.#sink = isCompressed(options.file) ? createZstdCompress() : new PassThrough()
    this.#written = pipeline(this.#sink, createWriteStream(this.#place.path))
    // Whoever writes next is told; until then a full disk must not count as unhandled.
    this.#written.catch(() => {})
    this.#put({ recording: RECORDING_VERSION, ...options.head } satisfies RecordingHead)
  }

  async message(time: number, message: RecordedMessage): Promise<void> {
    await this.#entry({ time, message })
  }

  async label(time: number, label: Label): Promise<void> {
    await this.#entry({ time, label })
  }

  async notPlayed(time: number, notPlayed: FailedStep): Promise<void> {
    await this.#entry({ time, notPlayed })
  }

  /** Puts the file under its name and says what is in it. */
  async finish(): Promise<RecordingEnd> {
    await this.#pass()
    const end: RecordingEnd = { ...this.#counts, sha256: this.#hash.digest('hex') }
    // Ended while bytes still wait, the compressor closes its frame and appends an empty one. Whether it went well, #written tells.
    await new Promise((resolve) => this.#sink.write(`${JSON.stringify({ end })}\n`, resolve))
    this.#sink.end()
    await this.#written
    if (this.#place.isFile) {
      await using handle = await open(this.#place.path, 'r+')
      await handle.sync()
    }
    await this.#place.keep()
    return end
  }

  /** Without finish() before it, nothing is left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#sink.destroy()
    await this.#written.catch(() => {})
    await this.#place.drop()
  }

  async #entry(entry: RecordingEntry): Promise<void> {
    if (entry.time < this.#latest) throw new RangeError(`an entry of ${entry.time} comes after one of ${this.#latest}`)
    this.#latest = entry.time
    countEntry(this.#counts, entry)
    this.#put(entry)
    if (this.#block.length >= BLOCK_CHARACTERS) await this.#pass()
  }

  #put(line: object): void {
    const text = JSON.stringify(line)
    if (Buffer.byteLength(text) > MAX_LINE_BYTES) throw new RangeError(`a line of more than ${MAX_LINE_BYTES} bytes cannot be read back`)
    this.#block += `${text}\n`
  }

  async #pass(): Promise<void> {
    const bytes = Buffer.from(this.#block)
    this.#block = ''
    this.#hash.update(bytes)
    if (!this.#sink.write(bytes)) await Promise.race([once(this.#sink, 'drain'), this.#written])
  }
}
