// Reads a recording line by line, in constant memory. Each line is checked; what is wrong is told with file and line.
import { LineReader } from './line-reader.ts'
import {
  countEntry,
  isWithin,
  RECORDING_VERSION,
  type RecordingCounts,
  type RecordingEnd,
  RecordingEndLine,
  RecordingEntry,
  RecordingFault,
  RecordingHead
} from './recording.ts'

export interface ReadingOptions {
  file: string
  /** Takes what is there of a recording that was cut; `end` stays undefined then. */
  partial?: boolean
}

/** Opens a recording and reads its head; iterate once for its entries. */
export async function openRecording(options: ReadingOptions): Promise<RecordingReader> {
  const lines = new LineReader(options.file)
  try {
    return new RecordingReader({ ...options, lines, head: headOf(lines, await lines.next()) })
  } catch (fault) {
    lines.close()
    throw fault
  }
}

export class RecordingReader implements AsyncDisposable {
  readonly head: RecordingHead
  readonly #lines: LineReader
  readonly #partial: boolean
  readonly #counts: RecordingCounts = { messages: 0, samples: 0, labels: 0 }
  #end: RecordingEnd | undefined

  constructor(options: { head: RecordingHead; lines: LineReader; partial?: boolean }) {
    this.head = options.head
    this.#lines = options.lines
    this.#partial = options.partial ?? false
  }

  /** Undefined until the last line was read, and for good when there is none. */
  get end(): RecordingEnd | undefined {
    return this.#end
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordingEntry> {
    let latest = 0
    try {
      for (let line = await this.#lines.next(); line !== undefined; line = await this.#lines.next()) {
        const value = this.#lines.parse(line)
        if (typeof value === 'object' && value !== null && 'end' in value) return await this.#close(value)
        const entry = this.#lines.check(RecordingEntry, value)
        if (entry.time < latest)
          throw this.#lines.fault('RECORDING_DAMAGED', { zh: '时间早于上一行', en: 'its time is before that of the line above' })
        if (!isWithin(entry.time, this.head))
          throw this.#lines.fault('RECORDING_DAMAGED', {
            zh: '时间不在录制的起止之内',
            en: 'its time does not lie within the recording'
          })
        latest = entry.time
        this.#lines.accept(line)
        countEntry(this.#counts, entry)
        yield entry
      }
      throw this.#lines.cut()
    } catch (fault) {
      if (this.#partial && fault instanceof RecordingFault && fault.code === 'RECORDING_CUT') return
      throw fault
    } finally {
      this.#lines.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lines.close()
  }

  async #close(value: object): Promise<void> {
    const { end } = this.#lines.check(RecordingEndLine, value)
    const { sha256, ...counts } = end
    if (sha256 !== this.#lines.digest() || JSON.stringify(counts) !== JSON.stringify(this.#counts))
      throw this.#lines.fault('RECORDING_DAMAGED', {
        zh: '内容与末行的校验值或计数不符：文件写成之后被改动过',
        en: 'the lines above do not fit its hash or counts: the file was changed after it was written'
      })
    if ((await this.#lines.next()) !== undefined)
      throw this.#lines.fault('RECORDING_DAMAGED', { zh: '末行之后还有内容', en: 'there is more after the last line' })
    this.#end = end
  }
}

function headOf(lines: LineReader, line: Buffer | undefined): RecordingHead {
  if (line === undefined) throw lines.cut()
  const value = lines.parse(line)
  // The version is looked at before the shape, so that a newer recording is named as such.
  const version = typeof value === 'object' && value !== null && 'recording' in value ? value.recording : undefined
  if (typeof version !== 'number') throw lines.fault('RECORDING_UNREADABLE', { zh: '不是录制文件', en: 'this is no recording' })
  if (version !== RECORDING_VERSION)
    throw lines.fault('RECORDING_UNREADABLE', {
      zh: `录制格式版本为 ${version}，本程序只读版本 ${RECORDING_VERSION}`,
      en: `a recording of version ${version}; this program reads ${RECORDING_VERSION}`
    })
  const head = lines.check(RecordingHead, value)
  lines.accept(line)
  return head
}
