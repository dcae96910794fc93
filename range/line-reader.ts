// The lines of a recording file, plain or compressed, one at a time and none longer than the limit, with their place.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import type { z } from 'zod'
import type { Text } from '#contract/text.ts'
import { isCompressed, MAX_LINE_BYTES, RecordingFault } from './recording.ts'

const NEWLINE = 10

export class LineReader {
  readonly #file: string
  readonly #bytes: Bytes
  readonly #lines: AsyncGenerator<Buffer>
  readonly #hash = createHash('sha256')
  #line = 0

  constructor(file: string) {
    this.#file = file
    this.#bytes = bytesOf(file)
    this.#lines = this.#split()
  }

  /** Undefined at the end of the file. */
  async next(): Promise<Buffer | undefined> {
    this.#line++
    const { value, done } = await this.#lines.next()
    return done === true ? undefined : value
  }

  parse(line: Buffer): unknown {
    try {
      return JSON.parse(line.toString('utf8'))
    } catch (cause) {
      throw this.fault('RECORDING_DAMAGED', { zh: '不是 JSON', en: 'it is not JSON' }, cause)
    }
  }

  check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const why = result.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.') || 'line'}: ${issue.message}`)
      .join('; ')
      .slice(0, 500)
    throw this.fault('RECORDING_DAMAGED', { zh: `不符合格式：${why}`, en: `it does not fit: ${why}` })
  }

  /** The line was read for good and belongs to what the last line vouches for. */
  accept(line: Buffer): void {
    this.#hash.update(line).update('\n')
  }

  digest(): string {
    return this.#hash.digest('hex')
  }

  fault(code: RecordingFault['code'], text: Text, cause?: unknown): RecordingFault {
    return new RecordingFault({ code, file: this.#file, line: this.#line, text, cause })
  }

  cut(cause?: unknown): RecordingFault {
    const text = { zh: '录制到此中断，缺少末行', en: 'the recording is cut here; its last line is missing' }
    return this.fault('RECORDING_CUT', text, cause)
  }

  close(): void {
    this.#bytes.stream.destroy()
  }

  async *#split(): AsyncGenerator<Buffer> {
    let parts: Buffer[] = []
    let length = 0
    for await (const chunk of this.#chunks()) {
      let from = 0
      for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
        this.#bound(length + to - from)
        yield parts.length === 0 ? chunk.subarray(from, to) : Buffer.concat([...parts, chunk.subarray(from, to)])
        parts = []
        length = 0
        from = to + 1
      }
      length += chunk.length - from
      this.#bound(length)
      parts.push(chunk.subarray(from))
    }
    // Every line ends with a newline, so a rest without one is the beginning of a line.
    if (length > 0) throw this.cut()
  }

  #bound(length: number): void {
    if (length > MAX_LINE_BYTES)
      throw this.fault('RECORDING_DAMAGED', {
        zh: `行过长，上限为 ${MAX_LINE_BYTES} 字节`,
        en: `the line is too long; at most ${MAX_LINE_BYTES} bytes are read`
      })
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      yield* this.#bytes.stream
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
      if (code === 'Z_BUF_ERROR') throw this.cut(cause)
      throw this.fault('RECORDING_UNREADABLE', { zh: `无法读取（${code}）`, en: `it cannot be read (${code})` }, cause)
    }
    if (this.#bytes.isLeftOver())
      throw this.fault('RECORDING_UNREADABLE', {
        zh: '压缩帧之后还有字节；录制是单个 zstd 帧',
        en: 'there is more behind the compressed frame; a recording is a single zstd frame'
      })
  }
}

interface Bytes {
  stream: Readable
  /** At its end: whether some of the file was not taken. */
  isLeftOver: () => boolean
}

// Node's zstd stream ends behind the first frame of a file, whatever follows; our writer makes one.
function bytesOf(file: string): Bytes {
  const stored = createReadStream(file)
  if (!isCompressed(file)) return { stream: stored, isLeftOver: () => false }
  const frame = createZstdDecompress()
  // A fault of the file destroys the last stream with it, where the reader meets it.
  pipeline(stored, frame, () => {})
  return { stream: frame, isLeftOver: () => frame.bytesWritten < stored.bytesRead }
}
