// The folder of certificates: the agent's own, those of servers that a person has accepted, and those that are waiting for it.
// No server certificate is ever accepted by itself. It is read anew for each connection, so that accepting needs no restart.
import { X509Certificate } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BAD, OpcUaFault } from './fault.ts'

export interface ServerCertificate {
  state: 'trusted' | 'rejected'
  /** SHA-1 over the certificate, as OPC UA tools show it (OPC 10000-6, 6.2.3), in lower-case hexadecimal. */
  thumbprint: string
  sha256: string
  subject: string
  issuer: string
  applicationUri: string | null
  validFrom: number
  validTo: number
  /** When it was put there, in epoch milliseconds. */
  seenAt: number
}

interface Kept {
  file: string
  x509: X509Certificate
  seenAt: number
}

const MAX_CERTIFICATE_BYTES = 16 << 10
const MAX_KEPT = 1000
// A hostile server can show a new certificate at each connection; the oldest are forgotten.
const MAX_REJECTED = 100
const MIN_KEY_BITS = 2048

export async function listServerCertificates(folder: string): Promise<ServerCertificate[]> {
  const states = ['trusted', 'rejected'] as const
  const lists = await Promise.all(states.map(async (state) => (await keptIn(join(folder, state))).map((kept) => shown(kept, state))))
  return lists.flat().sort((a, b) => b.seenAt - a.seenAt)
}

/** Trusts a certificate that waits among the rejected; undefined when there is none with that thumbprint (SHA-1 or SHA-256). */
export async function acceptServerCertificate(folder: string, thumbprint: string): Promise<ServerCertificate | undefined> {
  return await move(folder, thumbprint, 'rejected', 'trusted')
}

/** Trusts a certificate no longer; undefined when none with that thumbprint is trusted. */
export async function rejectServerCertificate(folder: string, thumbprint: string): Promise<ServerCertificate | undefined> {
  return await move(folder, thumbprint, 'trusted', 'rejected')
}

/** Rejects with the fault of the file system when the folder cannot be written. */
export async function prepareTrustFolder(folder: string): Promise<void> {
  for (const part of ['own', 'trusted', 'rejected', 'seen']) {
    await mkdir(join(folder, part), { recursive: true, mode: 0o700 })
    const probe = join(folder, part, '.writable')
    await writeFile(probe, '', { mode: 0o600 })
    await rm(probe, { force: true })
  }
}

export interface Pem {
  certificate: Buffer
  key: string
}

/** The agent's own certificate as DER and its key as PEM; made by `create` when there is none yet. */
export async function ownIdentity(folder: string, create: () => Promise<Pem>): Promise<Pem> {
  const certificateFile = join(folder, 'own', 'certificate.pem')
  const keyFile = join(folder, 'own', 'key.pem')
  const [pem, key] = await Promise.all([textOf(certificateFile), textOf(keyFile)])
  if (pem !== undefined && key !== undefined) return { certificate: new X509Certificate(pem).raw, key }
  const made = await create()
  await replaceFile(keyFile, key ?? made.key)
  await replaceFile(certificateFile, new X509Certificate(made.certificate).toString())
  return made
}

export interface CheckOptions {
  folder: string
  /** The certificate that the server shows; when it is a chain, its first part counts. */
  shown: Buffer | null | undefined
  /** The one thumbprint that is accepted, when the config names one. */
  pinned?: string | undefined
  now?: number
}

/** The certificate alone, when it may be trusted; else throws an OpcUaFault and keeps it for a person to judge. */
export async function checkServerCertificate({ folder, shown, pinned, now = Date.now() }: CheckOptions): Promise<Buffer> {
  const x509 = parsed(firstOf(shown ?? Buffer.alloc(0)))
  if (x509 === undefined)
    throw new OpcUaFault('OPCUA_UNTRUSTED', BAD.certificateInvalid, 'the server shows no certificate that can be read')
  const { raw } = x509
  const thumbprint = plain(x509.fingerprint)
  const refuse = (status: { value: number; name: string }, why: string) =>
    new OpcUaFault('OPCUA_UNTRUSTED', status, `certificate ${thumbprint} of the server ${why}`)
  const trusted = (await keptIn(join(folder, 'trusted'))).some((kept) => kept.x509.raw.equals(raw))
  if (!trusted) {
    await keepRejected(folder, x509)
    throw refuse(BAD.untrusted, 'is not trusted; accept it with: agent trust accept')
  }
  if (pinned !== undefined && !hasThumbprint(x509, pinned)) throw refuse(BAD.untrusted, 'is not the one that the config names')
  if (Date.parse(x509.validFrom) > now || Date.parse(x509.validTo) < now)
    throw refuse(BAD.certificateTime, `is valid from ${x509.validFrom} to ${x509.validTo}`)
  const { modulusLength } = x509.publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < MIN_KEY_BITS)
    throw refuse(BAD.certificateInvalid, `has a key of only ${modulusLength} bits`)
  return raw
}

/** SHA-256 of the first certificate that the server shows, or null. */
export function fingerprintOf(shown: Buffer | null | undefined): string | null {
  const x509 = parsed(firstOf(shown ?? Buffer.alloc(0)))
  return x509 === undefined ? null : plain(x509.fingerprint256)
}

/** Written beside and then renamed, so that a cut in power leaves the old file or the new one. */
export async function replaceFile(file: string, text: string | Buffer): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await giveToOwnerOf(dirname(file), `${file}.new`)
  await rename(`${file}.new`, file)
}

// What root writes by hand into the folder of an agent must stay readable for the user that the agent runs as.
async function giveToOwnerOf(folder: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(folder)
  await chown(path, uid, gid)
}

async function keepRejected(folder: string, x509: X509Certificate): Promise<void> {
  const rejected = join(folder, 'rejected')
  await replaceFile(join(rejected, `${plain(x509.fingerprint)}.der`), x509.raw)
  const kept = await keptIn(rejected)
  const surplus = kept.sort((a, b) => b.seenAt - a.seenAt).slice(MAX_REJECTED)
  for (const { file } of surplus) await rm(file, { force: true })
}

async function move(folder: string, thumbprint: string, from: 'trusted' | 'rejected', to: 'trusted' | 'rejected') {
  const found = (await keptIn(join(folder, from))).filter(({ x509 }) => hasThumbprint(x509, thumbprint))
  const [first] = found
  if (first === undefined) return undefined
  await mkdir(join(folder, to), { recursive: true, mode: 0o700 })
  await giveToOwnerOf(folder, join(folder, to))
  await replaceFile(join(folder, to, `${plain(first.x509.fingerprint)}.der`), first.x509.raw)
  for (const { file } of found) await rm(file, { force: true })
  return shown({ ...first, seenAt: Date.now() }, to)
}

async function keptIn(folder: string): Promise<Kept[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const kept: Kept[] = []
  for (const name of names.filter((one) => /\.(der|pem|crt|cer)$/i.test(one)).slice(0, MAX_KEPT)) {
    const file = join(folder, name)
    // Another process may accept or reject it at this moment.
    const about = await stat(file).catch(() => undefined)
    if (about === undefined || !about.isFile() || about.size > MAX_CERTIFICATE_BYTES) continue
    const x509 = parsed(await readFile(file).catch(() => Buffer.alloc(0)))
    if (x509 !== undefined) kept.push({ file, x509, seenAt: Math.trunc(about.mtimeMs) })
  }
  return kept
}

function shown({ x509, seenAt }: Kept, state: ServerCertificate['state']): ServerCertificate {
  return {
    state,
    thumbprint: plain(x509.fingerprint),
    sha256: plain(x509.fingerprint256),
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    applicationUri: /URI:([^,\s]+)/.exec(x509.subjectAltName ?? '')?.[1] ?? null,
    validFrom: Date.parse(x509.validFrom),
    validTo: Date.parse(x509.validTo),
    seenAt
  }
}

// The server may show the certificates of its issuers after its own (OPC 10000-6, 6.2.6); DER says how long each is.
function firstOf(chain: Buffer): Buffer {
  const length = chain[0] === 0x30 && chain[1] === 0x82 && chain.length > 4 ? 4 + chain.readUInt16BE(2) : chain.length
  return chain.subarray(0, Math.min(length, MAX_CERTIFICATE_BYTES))
}

function parsed(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    // Not a certificate: the caller says so in its own words.
    return undefined
  }
}

function hasThumbprint(x509: X509Certificate, thumbprint: string): boolean {
  const wanted = plain(thumbprint)
  return wanted === plain(x509.fingerprint) || wanted === plain(x509.fingerprint256)
}

function plain(fingerprint: string): string {
  return fingerprint.replace(/[:\s]/g, '').toLowerCase()
}

function oneLine(name: string): string {
  return name.split('\n').join(', ').slice(0, 300)
}

async function textOf(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
}
