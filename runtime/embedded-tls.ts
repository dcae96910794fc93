// The TLS side of the embedded broker: its certificates and revocation lists, and what to do when their files change.
import { constants } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { BlockList, isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext, type TLSSocket, type TlsOptions } from 'node:tls'

export interface TlsFiles {
  /** With it, every client must show a certificate signed by it. */
  ca?: string
  cert: string
  key: string
  /** Lists of revoked certificates, one for each authority in ca; whoever is named there is refused. */
  crl?: string
}

export interface TlsMaterial {
  options: TlsOptions
  ca: Buffer | undefined
  revocations: readonly Buffer[]
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

export function isLoopback(host: string): boolean {
  const version = isIP(host)
  return version === 0 ? host === 'localhost' : LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** Rejects when the files do not fit together, so that a server never takes half of a change. */
export async function readTls({ ca, cert, key, crl }: TlsFiles): Promise<TlsMaterial> {
  const [authorities, lists] = await Promise.all([ca, crl].map((file) => (file === undefined ? undefined : readFile(file))))
  const own = {
    cert: await readFile(cert),
    key: await readFile(key),
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: 10_000,
    // A session that is taken up again is not checked against a revocation list that came meanwhile.
    secureOptions: constants.SSL_OP_NO_TICKET
  }
  const crls = lists === undefined ? [] : pemBlocks(lists)
  if (crl !== undefined && crls.length === 0) throw new Error(`${crl} holds no certificate revocation list in PEM`)
  const options: TlsOptions = {
    ...own,
    ...(authorities === undefined ? {} : { ca: authorities, requestCert: true, rejectUnauthorized: true }),
    ...(crls.length === 0 ? {} : { crl: crls })
  }
  createSecureContext(options)
  return { options, ca: authorities, revocations: crls.map(derOf) }
}

/** Who must not stay connected under the new material. */
export function isCutOff(socket: TLSSocket, before: TlsMaterial, after: TlsMaterial): boolean {
  if (String(before.ca) !== String(after.ca)) return true
  const { serialNumber } = socket.getPeerCertificate()
  if (serialNumber === undefined) return false
  // The serial is random and stands in the list as it is in the certificate; a chance find costs one connection anew.
  const serial = Buffer.from(serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`, 'hex')
  return after.revocations.some((list) => list.includes(serial))
}

/** Calls `changed` whenever one of the files is another than before, until the signal. */
export async function watchFiles(options: {
  files: readonly string[]
  everyMs: number
  signal: AbortSignal
  changed: () => Promise<void>
}): Promise<void> {
  const { files, everyMs, signal, changed } = options
  let known = await prints(files)
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    const now = await prints(files)
    if (now === known) continue
    known = now
    await changed()
  }
}

// Polled, because a watch on a file is lost when the file is replaced by another.
async function prints(files: readonly string[]): Promise<string> {
  const stats = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => null)))
  return stats.map((one) => (one === null ? 'away' : `${one.ino} ${one.size} ${one.mtimeNs}`)).join('|')
}

function pemBlocks(text: Buffer): string[] {
  return text.toString('latin1').match(/-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g) ?? []
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
}
