// Where a file is written until it is whole: beside its place, under a name that tells so. What is no regular file, such as a device or
// a pipe, is never replaced: it is written itself.
import { rmSync } from 'node:fs'
import { readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

export interface OutputPlace {
  /** Where the bytes go. */
  readonly path: string
  /** Whether it has a disk below it that can be asked to hold it. */
  readonly isFile: boolean
  /** Gives what was written its own name. */
  keep(): Promise<void>
  /** Leaves nothing behind; without effect once it is kept. */
  drop(): Promise<void>
}

export async function placeFor(file: string): Promise<OutputPlace> {
  const there = await stat(file).catch(() => null)
  if (there?.isDirectory() === true) throw Object.assign(new Error(`${file} is a folder`), { code: 'EISDIR', syscall: 'open' })
  if (there !== null && !there.isFile()) return { path: file, isFile: false, keep: async () => {}, drop: async () => {} }
  const target = await targetOf(file)
  const path = `${target}.${process.pid}.part`
  parts.add(path)
  if (parts.size === 1) process.on('exit', dropAll)
  return {
    path,
    isFile: true,
    async keep() {
      await rename(path, target)
      forget(path)
    },
    async drop() {
      if (!parts.has(path)) return
      await rm(path, { force: true })
      forget(path)
    }
  }
}

// A link stays one, and so does one that points at nothing yet.
async function targetOf(file: string): Promise<string> {
  const link = await readlink(file).catch(() => null)
  if (link === null) return file
  return realpath(file).catch(() => resolve(dirname(file), link))
}

// What is not whole when the process is ended at once, as by a second Ctrl-C.
const parts = new Set<string>()

function forget(path: string): void {
  parts.delete(path)
  if (parts.size === 0) process.off('exit', dropAll)
}

function dropAll(): void {
  for (const path of parts) rmSync(path, { force: true })
}
