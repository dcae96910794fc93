// Whether a device of the config is still read in the same way: everything that its source depends on, as one short text.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readSecret, SecretFault } from '#runtime/config-file.ts'
import type { OpcUaDevice } from './opcua/config.ts'
import type { DevicePlan } from './resolve.ts'

// What is kept of a secret tells nothing without this, which never leaves the process.
const SALT = randomBytes(32)

/** Rejects with a SecretFault when what the device signs in with cannot be read. */
export async function fingerprintOf(plan: DevicePlan): Promise<string> {
  const secret = plan.family === 'opcua' ? await secretOf(plan.config.user) : ''
  return fingerprint(plan, secret)
}

/** The same where an unreadable secret is no reason to stop: the device says so when it is connected. */
export async function fingerprintAnyway(plan: DevicePlan): Promise<string> {
  return await fingerprintOf(plan).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error
    return fingerprint(plan, error.message)
  })
}

// Tag by tag, for a plan of 10,000 tags as one text would be megabytes.
function fingerprint({ config, resolved }: DevicePlan, secret: string): string {
  const hash = createHash('sha256')
  const add = (part: unknown) => hash.update(`${JSON.stringify(part)}\n`)
  // What tags inherit has come to them; the rest of it, such as limits, is in what follows.
  const { tags: _tags, cadenceMs: _cadence, heartbeatMs: _heartbeat, deadband: _deadband, ...own } = config
  const { tags, ...plan } = resolved
  add(own)
  add('groups' in plan ? { ...plan, groups: [...plan.groups.keys()] } : plan)
  for (const tag of tags) add('own' in tag ? { ...tag, own: null } : tag)
  add(secret)
  return hash.digest('base64')
}

async function secretOf(user: OpcUaDevice['user']): Promise<string> {
  if (user === 'anonymous') return ''
  const parts = 'name' in user ? [await readSecret(user.password)] : await Promise.all([readText(user.certificate), readText(user.key)])
  return createHmac('sha256', SALT).update(JSON.stringify(parts)).digest('base64')
}

async function readText(file: string): Promise<string> {
  return await readFile(file, 'latin1').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new SecretFault(`文件 ${file} 无法读取（${code}）`, `file ${file} cannot be read (${code})`, { cause })
  })
}
