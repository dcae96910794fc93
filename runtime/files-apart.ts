// No output of a command may replace what it reads, or another of its outputs.
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageFault } from './command-line.ts'

export interface FilesOfCommand {
  reads: readonly (string | undefined)[]
  writes: readonly (string | undefined)[]
}

export async function checkApart({ reads, writes }: FilesOfCommand): Promise<void> {
  const read = new Set(await Promise.all(reads.filter((file) => file !== undefined).map(identityOf)))
  const written = new Set<string>()
  for (const file of writes) {
    // Several outputs may well go to one pipe, or be thrown away on one device.
    if (file === undefined || (await isStream(file))) continue
    const identity = await identityOf(file)
    if (read.has(identity)) throw new UsageFault(`${file} 是要读取的文件，不能写入`, `${file} is read, and would be overwritten`)
    if (written.has(identity)) throw new UsageFault(`${file} 被指定为两个输出`, `${file} is asked for as two outputs`)
    written.add(identity)
  }
}

async function isStream(file: string): Promise<boolean> {
  const there = await stat(file).catch(() => null)
  return there !== null && !there.isFile()
}

async function identityOf(file: string): Promise<string> {
  const ofFolder = async () => join(await realpath(dirname(file)), basename(file))
  return realpath(file).catch(() => ofFolder().catch(() => resolve(file)))
}
