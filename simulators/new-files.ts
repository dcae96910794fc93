// Files that a start makes: when something does not start, those that hold nothing yet go again. Files that were there stay.
import { lstatSync, rmSync } from 'node:fs'
import type { Part } from '#runtime/lifecycle.ts'

/** The first of the parts, as it ends after all others. */
export class NewFiles implements Part {
  readonly name = 'files'
  readonly #files: readonly string[]
  #made: string[] = []

  constructor(files: readonly string[]) {
    this.#files = files
  }

  async start(): Promise<void> {
    this.#made = this.#files.filter((file) => statusOf(file) === undefined)
  }

  /** All has started: they stay, whatever they hold. */
  keep(): void {
    this.#made = []
  }

  async stop(): Promise<void> {
    for (const file of this.#made) {
      const status = statusOf(file)
      if (status?.isFile() === true && status.size === 0) rmSync(file)
    }
  }
}

const statusOf = (file: string) => lstatSync(file, { throwIfNoEntry: false })
