// Where the log goes while the view has the terminal. At the end it is told where the file is when something in it needs a look;
// otherwise the file goes.
import { randomBytes } from 'node:crypto'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Language, pick } from '#contract/text.ts'
import type { Part } from '#runtime/lifecycle.ts'

const NEEDS_A_LOOK = /^\{"level":"(?:warn|error|fatal)"/

/** The first of the parts, as it ends after all others. */
export class ViewLog implements Part {
  readonly name = 'view-log'
  readonly file = join(tmpdir(), `penstock-simulator-${process.pid}-${randomBytes(4).toString('hex')}.log`)
  readonly #language: Language
  readonly #out: { write(text: string): unknown }
  #isOpen = false
  #needsLook = false

  constructor({ language, out = process.stdout }: { language: Language; out?: { write(text: string): unknown } }) {
    this.#language = language
    this.#out = out
  }

  async start(): Promise<void> {
    // Nobody else can have put a file there.
    writeFileSync(this.file, '', { flag: 'wx', mode: 0o600 })
    this.#isOpen = true
  }

  /** Takes one line of the log. */
  write(line: string): void {
    if (!this.#isOpen) return
    this.#needsLook ||= NEEDS_A_LOOK.test(line)
    try {
      appendFileSync(this.file, line)
    } catch {
      // A full disk is no reason to stop.
    }
  }

  async stop(): Promise<void> {
    if (this.#needsLook) {
      const { file } = this
      this.#out.write(`${pick({ zh: `日志中有警告或错误：${file}`, en: `the log holds warnings or errors: ${file}` }, this.#language)}\n`)
      return
    }
    this.#isOpen = false
    rmSync(this.file, { force: true })
  }
}
