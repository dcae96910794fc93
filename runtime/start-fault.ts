// Says in one sentence why a program could not start when the machine is the reason: a port in use, a folder that cannot be written.
import { type Language, pick } from '#contract/language.ts'
import type { Text } from '#contract/text.ts'
import { portOwner } from './port-owner.ts'

/** What ends a command: words for people, a number for scripts, and plain data for --json. */
export interface ToldFault {
  text: string
  exitCode: number
  data: { fault: { code: string; message: string; faults?: unknown } }
}

/** Undefined when the reason is a fault of Penstock itself, which needs its stack. */
export function faultOf(error: unknown, language: Language): ToldFault | undefined {
  if (isExpected(error)) {
    const { code, exitCode, faults } = error
    const text = error.text === undefined ? error.message : pick(error.text, language)
    return { text, exitCode, data: { fault: { code, message: text, ...(faults === undefined ? {} : { faults }) } } }
  }
  const machine = startText(error)
  if (machine === undefined) return undefined
  const text = pick(machine, language)
  return { text, exitCode: 1, data: { fault: { code: 'MACHINE_FAULT', message: text } } }
}

// ConfigFault, SecretFault, UsageFault and their like carry the exit code that they end a program with.
function isExpected(error: unknown): error is Error & { code: string; exitCode: number; text?: Text; faults?: unknown } {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' && 'code' in error
}

/** Undefined when the reason is a fault of Penstock itself, which needs its stack. */
export function startText(error: unknown): Text | undefined {
  if (!(error instanceof Error)) return undefined
  const own = machineText(error)
  if (own !== undefined) return own
  // Who threw it again for the machine's sake has already found words.
  return machineText(error.cause) === undefined ? undefined : { zh: error.message, en: error.message }
}

interface MachineError extends Error {
  code: string
  syscall?: string
  address?: string
  port?: number
  path?: string
  hostname?: string
}

function machineText(error: unknown): Text | undefined {
  if (!isMachineError(error)) return undefined
  const { code, message, syscall, path, hostname } = error
  if (code === 'DATABASE_VERSION') return { zh: `数据库版本不符：${message}`, en: `the version of the database does not fit: ${message}` }
  if (code === 'ERR_SQLITE_ERROR') return { zh: `数据库无法使用：${message}`, en: `the database cannot be used: ${message}` }
  if (syscall === 'getaddrinfo') return { zh: `找不到主机 ${hostname}（${code}）`, en: `there is no host ${hostname} (${code})` }
  if (syscall === 'listen' || syscall === 'bind') return listenText(error)
  if (path === undefined) return undefined
  const why = PATHS[code] ?? { zh: '无法使用', en: 'cannot be used' }
  return { zh: `${path}：${why.zh}（${code}）`, en: `${path}: ${why.en} (${code})` }
}

function listenText({ code, address, port, message }: MachineError): Text {
  const at = port === undefined ? (address ?? message) : `${address}:${port}`
  const why = (code === 'EADDRINUSE' ? takenText(port) : undefined) ?? ADDRESSES[code] ?? { zh: '无法监听', en: 'cannot be listened at' }
  return { zh: `${at}：${why.zh}（${code}）`, en: `${at}: ${why.en} (${code})` }
}

function takenText(port: number | undefined): Text | undefined {
  const owner = port === undefined ? null : portOwner(port)
  if (owner === null) return undefined
  const { name, pid } = owner
  return {
    zh: `端口 ${port} 已被 ${name}（进程 ${pid}）占用，请换用其他端口或先停止该程序`,
    en: `port ${port} is taken by ${name} (pid ${pid}); choose another or stop that program`
  }
}

const ADDRESSES: Readonly<Record<string, Text>> = {
  EADDRINUSE: {
    zh: '端口已被其他程序占用，请换用其他端口或先停止该程序',
    en: 'the port is in use; choose another or stop the program that has it'
  },
  EADDRNOTAVAIL: { zh: '本机没有这个地址', en: 'this machine has no such address' },
  EACCES: { zh: '没有监听此端口的权限', en: 'listening there is not permitted' }
}

const PATHS: Readonly<Record<string, Text>> = {
  EACCES: { zh: '没有访问权限', en: 'access is not permitted' },
  EPERM: { zh: '没有访问权限', en: 'access is not permitted' },
  EROFS: { zh: '文件系统为只读', en: 'the file system is read-only' },
  ENOSPC: { zh: '磁盘空间不足', en: 'the disk is full' },
  ENOENT: { zh: '不存在，也无法创建', en: 'is not there and cannot be created' },
  ENOTDIR: { zh: '路径中有一段不是文件夹', en: 'a part of the path is no folder' },
  EISDIR: { zh: '应为文件，实为文件夹', en: 'must be a file and is a folder' },
  EEXIST: { zh: '应为文件夹，实为文件', en: 'must be a folder and is a file' }
}

function isMachineError(error: unknown): error is MachineError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
