// How a process reaches its MQTT broker.
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { z } from 'zod'
import type { Text } from '#contract/text.ts'
import { bilingual, FilePath, readSecret, Secret, SecretFault } from './config-file.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

export const BrokerConfig = z
  .strictObject({
    url: z
      .url({
        protocol: /^mqtts?$/,
        error: bilingual('应为 mqtt://主机:端口 或 mqtts://主机:端口', 'must be mqtt://host:port or mqtts://host:port')
      })
      .max(500)
      .refine(
        (url) => isBare(url),
        bilingual('网址中不得包含用户名、口令、路径或参数', 'must not hold a user name, password, path or query')
      )
      .describe('The address of the broker; mqtts:// uses TLS.'),
    username: z.string().min(1).max(200).optional().describe('The user name at the broker, when it asks for one.'),
    password: Secret.optional(),
    tls: z
      .strictObject({
        ca: FilePath.optional().describe('The certificates to trust, as PEM; without it those that Node trusts.'),
        cert: FilePath.optional().describe('The client certificate, as PEM.'),
        key: FilePath.optional().describe('The private key of the client certificate, as PEM.'),
        serverName: z
          .string()
          .min(1)
          .max(253)
          .optional()
          .describe('The name that the certificate of the broker must carry, when it is not the host of the address.')
      })
      .refine(
        (tls) => (tls.cert === undefined) === (tls.key === undefined),
        bilingual('cert 与 key 须同时给出', 'cert and key are needed together')
      )
      .optional()
      .describe('Certificates for mqtts://.'),
    keepaliveSeconds: z.int().min(5).max(600).default(30).describe('After how many quiet seconds the connection is tested.'),
    protocolVersion: z.literal([4, 5]).default(4).describe('4 for MQTT 3.1.1, which every broker speaks; 5 for MQTT 5.'),
    allowPlaintext: z
      .boolean()
      .default(false)
      .describe('True to allow mqtt:// to another host: everything can then be read and changed on the way.')
  })
  .check((ctx) => {
    const { url, tls, username, password, allowPlaintext } = ctx.value
    if (!URL.canParse(url)) return
    const { protocol, hostname } = new URL(url)
    const refuse = (path: string, zh: string, en: string) =>
      ctx.issues.push({ code: 'custom', path: [path], message: bilingual(zh, en)(), input: ctx.value })
    if (protocol === 'mqtt:' && !allowPlaintext && !LOOPBACK.test(hostname))
      refuse('url', '到其他主机须使用 mqtts://（或显式设置 allowPlaintext: true）', 'another host needs mqtts:// (or allowPlaintext: true)')
    if (protocol === 'mqtt:' && tls !== undefined) refuse('tls', '仅可与 mqtts:// 一起使用', 'goes with mqtts:// only')
    if (password !== undefined && username === undefined) refuse('password', '须同时给出 username', 'needs a username')
  })
  .describe('The MQTT broker.')
export type BrokerConfig = z.infer<typeof BrokerConfig>

function isBare(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { username, password, pathname, search, hash } = new URL(url)
  return username === '' && password === '' && search === '' && hash === '' && (pathname === '' || pathname === '/')
}

export interface BrokerAccess {
  username?: string
  password?: string
  servername?: string
  ca?: Buffer
  cert?: Buffer
  key?: Buffer
}

/** Reads what the config only names; done anew for each connection, so that certificates can be renewed without a restart. */
export async function readAccess({ username, password, tls = {} }: BrokerConfig): Promise<BrokerAccess> {
  const { ca, cert, key, serverName } = tls
  const files = {
    ...(ca === undefined ? {} : { ca: await readPem(ca) }),
    ...(cert === undefined ? {} : { cert: await readPem(cert) }),
    ...(key === undefined ? {} : { key: await readPem(key) })
  }
  try {
    createSecureContext(files)
  } catch (cause) {
    const files = [ca, cert, key].filter(Boolean).join(', ')
    throw new SecretFault(`证书 ${files} 无法使用：${String(cause)}`, `the certificates ${files} cannot be used: ${String(cause)}`)
  }
  return {
    ...files,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: await readSecret(password) }),
    ...(serverName === undefined ? {} : { servername: serverName })
  }
}

/** For a check that connects to nothing: what secrets or certificates stand in the way of a start; empty when none does. */
export async function warningsOf(...reads: Promise<unknown>[]): Promise<Text[]> {
  const results = await Promise.allSettled(reads)
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return []
    if (!(result.reason instanceof SecretFault)) throw result.reason
    const { zh, en } = result.reason.text
    return [{ zh: `注意：${zh}`, en: `warning: ${en}` }]
  })
}

async function readPem(file: string): Promise<Buffer> {
  return await readFile(file).catch((cause: unknown) => {
    throw new SecretFault(`证书文件 ${file} 无法读取`, `certificate file ${file} cannot be read`, { cause })
  })
}
