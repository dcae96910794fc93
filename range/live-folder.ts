// The folder of a live run: configs, passwords, databases, logs. It is gone when the run is over, unless its configs and logs are
// kept to look into.
import { rmSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// None of these holds a password or a key; all else may, and goes.
const LOOKED_INTO = /\.(yaml|conf|acl|log)$/

// Processes that were killed a moment ago may still be writing.
const GONE = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 } as const

export class LiveFolder implements AsyncDisposable {
  readonly path: string
  #kept = false
  readonly #atExit = () => rmSync(this.path, GONE)

  static async make(): Promise<LiveFolder> {
    return new LiveFolder(await mkdtemp(join(tmpdir(), 'penstock-range-')))
  }

  private constructor(path: string) {
    this.path = path
    // A second Ctrl-C waits for nothing, and passwords are not left behind by it either.
    process.on('exit', this.#atExit)
  }

  keep(): void {
    this.#kept = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#atExit)
    if (!this.#kept) return rm(this.path, GONE)
    for (const one of await readdir(this.path, { withFileTypes: true }))
      if (!one.isFile() || !LOOKED_INTO.test(one.name)) await rm(join(this.path, one.name), GONE)
  }
}
