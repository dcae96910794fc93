// A file or stream that cannot be written, by its name.
import type { Text } from '#contract/text.ts'
import { EXIT } from '#runtime/command-line.ts'

export class OutputFault extends Error {
  readonly code = 'OUTPUT_FAULT'
  readonly exitCode = EXIT.trouble
  readonly text: Text
  constructor(what: Text | string, cause: unknown) {
    const { zh, en } = typeof what === 'string' ? { zh: what, en: what } : what
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    const text = { zh: `无法写入 ${zh}（${why}）`, en: `${en} cannot be written (${why})` }
    super(text.en, { cause })
    this.name = 'OutputFault'
    this.text = text
  }
}

/** Does what the file system is asked for, and tells by the path what it refused. */
export async function writing<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    const isRefused = cause instanceof Error && 'syscall' in cause
    throw isRefused ? new OutputFault(file, cause) : cause
  }
}
