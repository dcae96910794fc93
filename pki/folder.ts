// The folder of an authority on disk: for its owner only, one command at a time, and each file replaced as a whole or not at all.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { PkiFault } from './fault.ts'

const OTHERS = 0o077
const LOCK = 'lock'
export const LEDGER = 'ledger.jsonl'
export const BUNDLE = 'ca.crt'
export const CRL = 'crl.pem'
export const MOSQUITTO_ACL = 'mosquitto.acl'
export const AGENT_LIST = 'agents.json'

export class Folder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get isFounded(): boolean {
    return existsSync(this.at(LEDGER))
  }

  at(...names: string[]): string {
    return join(this.path, ...names)
  }

  has(...names: string[]): boolean {
    return existsSync(this.at(...names))
  }

  /** Makes the folder for a new authority. */
  found(): void {
    if (this.isFounded)
      throw new PkiFault(
        'PKI_EXISTS',
        `${this.path} 中已有证书机构，不会被覆盖；请换用其他文件夹，或用 rotate authority 更换机构证书`,
        `${this.path} holds an authority already and is not overwritten; name another folder, or change its certificate by rotate authority`
      )
    for (const name of ['', 'authority', 'issued']) {
      mkdirSync(this.at(name), { recursive: true, mode: 0o700 })
      chmodSync(this.at(name), 0o700)
    }
  }

  /** Throws when there is no authority, or when others on this machine may reach its keys. */
  check(): void {
    if (!this.isFounded)
      throw new PkiFault(
        'PKI_MISSING',
        `${this.path} 中没有证书机构；请先执行 penstock pki init，或用 --folder 指明所在文件夹`,
        `${this.path} holds no authority; run penstock pki init first, or name its folder by --folder`
      )
    for (const name of ['', 'authority', 'issued']) {
      const { mode } = statSync(this.at(name))
      if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
        throw new PkiFault(
          'PKI_OPEN_TO_OTHERS',
          `其他用户可以访问 ${this.at(name)}，请执行 chmod 700 ${this.at(name)}`,
          `${this.at(name)} is open to other users; run chmod 700 ${this.at(name)}`
        )
    }
  }

  read(...names: string[]): string {
    const file = this.at(...names)
    try {
      return readFileSync(file, 'utf8')
    } catch (cause) {
      throw new PkiFault('PKI_DAMAGED', `${file} 无法读取`, `${file} cannot be read`, { cause })
    }
  }

  write(names: readonly string[], text: string): string {
    const file = this.at(...names)
    writeWhole(file, text)
    return file
  }

  rename(from: readonly string[], to: readonly string[]): void {
    renameSync(this.at(...from), this.at(...to))
  }

  /** Alone with the folder; a lock whose process is gone is taken over. */
  alone<T>(work: () => T): T {
    const lock = this.at(LOCK)
    if (!tryLock(lock)) {
      const pid = Number(readIfThere(lock))
      if (isRunning(pid))
        throw new PkiFault(
          'PKI_BUSY',
          `另一条命令（进程 ${pid}）正在使用 ${this.path}，请稍后重试`,
          `another command (process ${pid}) is at work in ${this.path}; try again later`
        )
      rmSync(lock, { force: true })
      if (!tryLock(lock)) throw new PkiFault('PKI_BUSY', `${this.path} 正被使用，请稍后重试`, `${this.path} is in use; try again later`)
    }
    const free = () => rmSync(lock, { force: true })
    return settle(work, free)
  }
}

// Works for a promise too: the lock goes when the work is over.
function settle<T>(work: () => T, after: () => void): T {
  let result: T
  try {
    result = work()
  } catch (error) {
    after()
    throw error
  }
  if (result instanceof Promise) {
    result.then(after, after)
    return result
  }
  after()
  return result
}

/** Beside it, to disk, and only then in its place: a power cut leaves the old file or the new one. */
export function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`
  rmSync(beside, { force: true })
  const handle = openSync(beside, 'wx', 0o600)
  try {
    writeFileSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(beside, file)
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function tryLock(lock: string): boolean {
  try {
    const handle = openSync(lock, 'wx', 0o600)
    writeFileSync(handle, String(process.pid))
    closeSync(handle)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It went in this moment.
    return ''
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
