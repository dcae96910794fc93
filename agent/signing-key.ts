// The key with which the agent signs its health: made at the first start, kept beside the outbox, never sent anywhere.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Health } from '#contract/agent-status.ts'
import { publicKeyText, signHealth } from '#contract/signature.ts'
import { SecretFault } from '#runtime/config-file.ts'
import { makeFolder } from '#runtime/sqlite.ts'

const MAX_KEY_BYTES = 4096
const OTHERS = 0o077

export interface SigningKey {
  /** Base64 of the 32 bytes of the public half. */
  readonly publicKey: string
  /** Adds key and signature; the last thing done to a health message. */
  sign(health: Health): Health
}

/** Where the key is: what the config says, else beside the outbox. */
export function signingKeyFile({ key, outbox }: { key: string | undefined; outbox: string }): string {
  return key ?? join(dirname(outbox), 'agent-key.pem')
}

export function openSigningKey({ file }: { file: string }): SigningKey {
  const key = readKey(file) ?? makeKey(file)
  return { publicKey: publicKeyText(key), sign: (health) => signHealth(health, key) }
}

/** For a check that writes nothing: throws what a start would, but for a key that is not there yet. */
export function checkSigningKey({ file }: { file: string }): void {
  readKey(file)
}

function readKey(file: string): KeyObject | undefined {
  let pem: string
  try {
    const { mode, size } = statSync(file)
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) throw openToOthers(file, mode)
    if (size > MAX_KEY_BYTES) throw notAKey(file)
    pem = readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof SecretFault) throw cause
    if (isCode(cause, 'ENOENT')) return undefined
    throw unusable(file, '无法读取，请检查文件权限与所有者', 'cannot be read; look at its permissions and its owner', cause)
  }
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`a key of type ${key.asymmetricKeyType}`)
    return key
  } catch (cause) {
    throw notAKey(file, cause)
  }
}

// Written beside and then linked: a start that is cut off leaves no half key, and of two starts only one makes the key.
function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519')
  const beside = `${file}.${process.pid}.new`
  // What the machine refuses may pass and is told as such; only what lies at the key itself is a fault of the secret.
  makeFolder(dirname(file))
  try {
    const handle = openSync(beside, 'wx', 0o600)
    try {
      writeFileSync(handle, privateKey.export({ type: 'pkcs8', format: 'pem' }))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    try {
      linkSync(beside, file)
    } finally {
      unlinkSync(beside)
    }
  } catch (cause) {
    const other = isCode(cause, 'EEXIST') ? readKey(file) : undefined
    if (other !== undefined) return other
    throw unusable(file, '无法创建，请检查所在文件夹的写入权限', 'cannot be made; look at the permissions of its folder', cause)
  }
  return privateKey
}

function openToOthers(file: string, mode: number): SecretFault {
  const bits = (mode & 0o777).toString(8)
  return unusable(
    file,
    `其他用户可以访问（权限 ${bits}），请执行 chmod 600 ${file}；若可能已被他人读取，请删除后由代理重新生成，并在汇聚中心确认新密钥`,
    `is open to other users (mode ${bits}); run chmod 600 ${file}, or, if somebody may have read it, delete it: the agent makes a new one, which the centre must accept`
  )
}

function notAKey(file: string, cause?: unknown): SecretFault {
  return unusable(
    file,
    '不是 PEM 格式的 Ed25519 私钥；请从备份恢复，或删除后由代理重新生成，并在汇聚中心确认新密钥',
    'is no Ed25519 private key in PEM; bring it back from a backup, or delete it: the agent makes a new one, which the centre must accept',
    cause
  )
}

function unusable(file: string, zh: string, en: string, cause?: unknown): SecretFault {
  return new SecretFault(`代理密钥文件 ${file} ${zh}`, `the key file of the agent, ${file}, ${en}`, { cause })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
