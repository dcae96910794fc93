// The only door to @peculiar/x509: what certificates and revocation lists of a site look like (RFC 5280), and reading them again.
import 'reflect-metadata'
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Reason } from './ledger.ts'
import { nameConstraints } from './name-constraints.ts'

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { ...P256, hash: 'SHA-256' } as const
const CRL_NUMBER = '2.5.29.20'
const NAME_CONSTRAINTS = '2.5.29.30'

x509.cryptoProvider.set(webcrypto)

export interface Span {
  notBefore: number
  notAfter: number
}

export interface Signer {
  certificate: string
  key: KeyObject
}

export type SubjectName = { type: 'dns' | 'ip' | 'url'; value: string }

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** 128 random bits with the first bit 0 and the second 1: positive, never short, never twice (RFC 5280, 4.1.2.2). */
export function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

/** The PEM of a self-signed certificate that may sign certificates of ends only. */
export async function authorityCertificate(options: {
  name: string
  serial: string
  key: KeyObject
  span: Span
  permitted: readonly string[]
}): Promise<string> {
  const { name, serial, key, span, permitted } = options
  const keys = await cryptoKeys(key)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    name: nameOf(name),
    serialNumber: serial,
    ...dates(span),
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints(permitted))
    ]
  })
  return pem(certificate)
}

export async function endCertificate(options: {
  name: string
  serial: string
  key: KeyObject
  span: Span
  names: readonly SubjectName[]
  use: 'clientAuth' | 'serverAuth'
  by: Signer
}): Promise<string> {
  const { name, serial, key, span, names, use, by } = options
  const authority = new x509.X509Certificate(by.certificate)
  const { publicKey } = await cryptoKeys(key)
  const certificate = await x509.X509CertificateGenerator.create({
    publicKey,
    signingKey: (await cryptoKeys(by.key)).privateKey,
    subject: nameOf(name),
    issuer: authority.subjectName,
    serialNumber: serial,
    ...dates(span),
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[use]]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      new x509.SubjectAlternativeNameExtension([...names])
    ]
  })
  return pem(certificate)
}

export async function revocationList(options: {
  by: Signer
  number: number
  thisUpdate: number
  nextUpdate: number
  revoked: readonly { serial: string; at: number; reason: Reason }[]
}): Promise<string> {
  const { by, number, thisUpdate, nextUpdate, revoked } = options
  const authority = new x509.X509Certificate(by.certificate)
  const crl = await x509.X509CrlGenerator.create({
    issuer: authority.subjectName,
    thisUpdate: new Date(thisUpdate),
    nextUpdate: new Date(nextUpdate),
    signingAlgorithm: SIGNING,
    signingKey: (await cryptoKeys(by.key)).privateKey,
    entries: revoked.map(({ serial, at, reason }) => ({ serialNumber: serial, revocationDate: new Date(at), ...REASON_CODES[reason] })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      new x509.Extension(CRL_NUMBER, false, integer(number))
    ]
  })
  // The label that OpenSSL, and with it Mosquitto, reads; the library writes another.
  return `${x509.PemConverter.encode(crl.rawData, 'X509 CRL').trimEnd()}\n`
}

export type Shown =
  | { what: 'key' }
  | { what: 'unreadable' }
  | { what: 'crl'; issuer: string; thisUpdate: number; nextUpdate: number | null; serials: string[] }
  | {
      what: 'certificate'
      subject: string
      issuer: string
      serial: string
      span: Span
      names: string[]
      uses: string[]
      isAuthority: boolean
      fingerprint: string
    }

/** What stands in a PEM file, part by part. */
export function readPem(text: string): Shown[] {
  const blocks = text.match(/-----BEGIN [A-Z0-9 ]+-----[^-]*-----END [A-Z0-9 ]+-----/g) ?? []
  return blocks.map((block) => {
    try {
      if (/^-----BEGIN (X509 CRL|CRL)-----/.test(block)) return showCrl(new x509.X509Crl(block))
      if (/^-----BEGIN CERTIFICATE-----/.test(block)) return showCertificate(new x509.X509Certificate(block))
      return { what: /PRIVATE KEY/.test(block) ? 'key' : 'unreadable' }
    } catch {
      // Whatever the parser stumbles over, the file is not what it says it is.
      return { what: 'unreadable' }
    }
  })
}

function showCertificate(certificate: x509.X509Certificate): Shown {
  const { subject, issuer, serialNumber, notBefore, notAfter, rawData } = certificate
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? []
  const uses = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []
  return {
    what: 'certificate',
    subject,
    issuer,
    serial: serialNumber,
    span: { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() },
    names: names.map(({ type, value }) => `${type}:${value}`),
    uses: uses.map((oid) => USES.get(String(oid)) ?? String(oid)),
    isAuthority: certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true,
    fingerprint: createHash('sha256').update(Buffer.from(rawData)).digest('hex')
  }
}

function showCrl({ issuer, thisUpdate, nextUpdate, entries }: x509.X509Crl): Shown {
  return {
    what: 'crl',
    issuer,
    thisUpdate: thisUpdate.getTime(),
    nextUpdate: nextUpdate?.getTime() ?? null,
    serials: entries.map(({ serialNumber }) => serialNumber)
  }
}

const USES: ReadonlyMap<string, string> = new Map([
  [x509.ExtendedKeyUsage.clientAuth, 'clientAuth'],
  [x509.ExtendedKeyUsage.serverAuth, 'serverAuth']
])

// RFC 5280, 5.3.1: an unspecified reason is left out.
const REASON_CODES: Readonly<Record<Reason, { reason?: x509.X509CrlReason }>> = {
  unspecified: {},
  'key-compromise': { reason: x509.X509CrlReason.keyCompromise },
  'affiliation-changed': { reason: x509.X509CrlReason.affiliationChanged },
  superseded: { reason: x509.X509CrlReason.superseded },
  'cessation-of-operation': { reason: x509.X509CrlReason.cessationOfOperation }
}

async function cryptoKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  const spki = createPublicDer(key)
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), P256, false, ['sign']),
    webcrypto.subtle.importKey('spki', new Uint8Array(spki), P256, true, ['verify'])
  ])
  return { privateKey, publicKey }
}

function createPublicDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

export function readKey(pemText: string, passphrase: string | undefined): KeyObject {
  return createPrivateKey(passphrase === undefined ? pemText : { key: pemText, passphrase })
}

// Seconds are the finest that a certificate knows.
const dates = ({ notBefore, notAfter }: Span) => ({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) })

const nameOf = (commonName: string) => new x509.Name([{ CN: [commonName] }])

const pem = (data: { toString(format: 'pem'): string }) => `${data.toString('pem').trimEnd()}\n`

function integer(value: number): Uint8Array<ArrayBuffer> {
  const hex = value.toString(16)
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`
  const bytes = Buffer.from(/^[89a-f]/.test(digits) ? `00${digits}` : digits, 'hex')
  return new Uint8Array([0x02, bytes.length, ...bytes])
}
