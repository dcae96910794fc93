// Files on disk that hold each append until its samples are in chunks. Writing and syncing happen beside the event loop;
// what was written before a crash is read again at the next start, and bytes that cannot be read are set aside.
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '#runtime/log.ts'
import { type Entry, entriesOf } from './journal-entry.ts'
import { StoreFault } from './telemetry.ts'

const MAX_FILE_BYTES = 64 << 20
const NAME = /^journal-([0-9a-f]+)-(\d{10})\.bin$/

interface OpenFile {
  handle: FileHandle
  bytes: number
}

export class Journal {
  readonly #directory: string
  readonly #owner: string
  readonly #sync: boolean
  readonly #log: Log
  #current: OpenFile | undefined
  #next = 1
  /** Pieces of journal that could not be read: cut off in the middle of a write, or spoilt afterwards. */
  readonly faults = { torn: 0, spoilt: 0, foreign: 0 }

  /** The owner is the database whose series the entries name; files of another one are never read. */
  constructor({ directory, owner, sync, log }: { directory: string; owner: string; sync: boolean; log: Log }) {
    this.#directory = directory
    this.#owner = owner
    this.#sync = sync
    this.#log = log
  }

  /** The numbers of the files that an earlier run left, oldest first. */
  async open(): Promise<number[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const numbers: number[] = []
    for (const name of await readdir(this.#directory)) {
      const [, owner, number] = NAME.exec(name) ?? []
      if (number === undefined) continue
      if (owner === this.#owner) numbers.push(Number(number))
      else await this.#setForeignAside(name)
    }
    numbers.sort((a, b) => a - b)
    this.#next = (numbers.at(-1) ?? 0) + 1
    return numbers
  }

  async read(number: number, seriesCount: number): Promise<Entry[]> {
    const file = this.#path(number)
    const bytes = await readWhole(file)
    const entries: Entry[] = []
    for (const found of entriesOf(bytes, seriesCount)) {
      if ('entry' in found) entries.push(found.entry)
      else if (found.bad.torn) {
        this.faults.torn++
        this.#log.warn({ file, at: found.bad.from }, 'the last write to the journal was cut off; it had not been confirmed to anybody')
      } else {
        this.faults.spoilt++
        const aside = `${file}.spoilt-${found.bad.from}`
        await writeFile(aside, bytes.subarray(found.bad.from, found.bad.to), { mode: 0o600 })
        this.#log.error({ file, ...found.bad, aside }, 'a piece of the journal cannot be read; samples are lost, the bytes were set aside')
      }
    }
    return entries
  }

  /** Resolves when the entries are on disk. */
  async write(entries: readonly Uint8Array[]): Promise<void> {
    try {
      if (this.#current !== undefined && this.#current.bytes >= MAX_FILE_BYTES) await this.startFile()
      const file = this.#current ?? (await this.#create())
      await writeAll(file.handle, entries)
      if (this.#sync) await file.handle.datasync()
      for (const entry of entries) file.bytes += entry.length
    } catch (cause) {
      await this.#abandon()
      throw new StoreFault('STORE_AWAY', `the journal in ${this.#directory} cannot be written (${codeOf(cause)})`, { cause })
    }
  }

  /** What comes now goes into a new file; gives its number, so that all before can be removed later. */
  async startFile(): Promise<number> {
    const old = this.#current
    this.#current = undefined
    await old?.handle.close()
    return this.#next
  }

  async removeBefore(number: number): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const [, owner, found] = NAME.exec(name) ?? []
      if (owner === this.#owner && Number(found) < number) await unlink(join(this.#directory, name))
    }
  }

  async close(): Promise<void> {
    await this.startFile()
  }

  #path(number: number): string {
    return join(this.#directory, `journal-${this.#owner}-${String(number).padStart(10, '0')}.bin`)
  }

  async #create(): Promise<OpenFile> {
    const handle = await open(this.#path(this.#next), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600)
    this.#next++
    const file = { handle, bytes: 0 }
    this.#current = file
    // A file whose name is lost in a power cut is lost with all that was synced into it.
    if (this.#sync) await syncDirectory(this.#directory)
    return file
  }

  // After a failed write or sync nobody knows what the file holds; the next write goes into a new one.
  async #abandon(): Promise<void> {
    const file = this.#current
    this.#current = undefined
    for (const attempt of [() => file?.handle.truncate(file.bytes), () => file?.handle.close()]) {
      try {
        await attempt()
      } catch (error) {
        this.#log.warn({ err: error }, 'a journal file could not be closed in order; its end will be checked at the next start')
      }
    }
  }

  async #setForeignAside(name: string): Promise<void> {
    this.faults.foreign++
    await rename(join(this.#directory, name), join(this.#directory, `${name}.foreign`))
    this.#log.error({ file: name }, 'a journal file belongs to another database; it was set aside and its samples are not stored')
  }
}

async function writeAll(handle: FileHandle, entries: readonly Uint8Array[]): Promise<void> {
  let total = 0
  for (const entry of entries) total += entry.length
  const { bytesWritten } = await handle.writev([...entries])
  if (bytesWritten === total) return
  const rest = Buffer.concat(entries).subarray(bytesWritten)
  for (let done = 0; done < rest.length; ) done += (await handle.write(rest, done)).bytesWritten
}

// Aligned to 8, as entriesOf needs it; a buffer from the pool is not.
async function readWhole(file: string): Promise<Uint8Array> {
  await using handle = await open(file)
  const bytes = new Uint8Array((await handle.stat()).size)
  let read = 0
  while (read < bytes.length) {
    const { bytesRead } = await handle.read(bytes, read, bytes.length - read, read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}

async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory)
  await handle.sync()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
