// Where OPC UA keys lie: a folder that somebody keeps, or one made up for the occasion, of which nothing is left afterwards.
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KeyFolder extends AsyncDisposable {
  readonly path: string
}

const madeUp = new Set<string>()

/** Without a path, the folder is removed with its disposal, and at the latest when the process ends. */
export async function keyFolder(path?: string): Promise<KeyFolder> {
  if (path !== undefined) {
    await mkdir(path, { recursive: true })
    return { path, async [Symbol.asyncDispose]() {} }
  }
  const made = await mkdtemp(join(tmpdir(), 'penstock-opcua-'))
  if (madeUp.size === 0) process.on('exit', forgetAll)
  madeUp.add(made)
  return {
    path: made,
    async [Symbol.asyncDispose]() {
      await rm(made, { recursive: true, force: true })
      madeUp.delete(made)
      if (madeUp.size === 0) process.off('exit', forgetAll)
    }
  }
}

function forgetAll(): void {
  for (const path of madeUp) rmSync(path, { recursive: true, force: true })
}
