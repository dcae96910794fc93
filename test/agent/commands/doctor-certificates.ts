// Certificates that are right, expired, or of another CA, made for one test.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 24 * 3_600_000

interface Made {
  cert: string
  key: string
}

export async function makeCertificates(): Promise<{ ca: string; server: Made; own: Made; expired: Made; foreign: Made }> {
  const [site, other] = await Promise.all([authority('Site CA'), authority('Other CA')])
  const [server, own, expired, foreign] = await Promise.all([
    issued(site, 'localhost', 90),
    issued(site, 'edge-1', 90),
    issued(site, 'edge-1', -2),
    issued(other, 'edge-1', 90)
  ])
  return { ca: site.cert, server, own, expired, foreign }
}

type Authority = Made & { keys: webcrypto.CryptoKeyPair; name: string }

async function authority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: `CN=${name}`, keys, signingAlgorithm: ALGORITHM, ...validFor(365), extensions: [new BasicConstraintsExtension(true, 1, true)] },
    webcrypto
  )
  return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey), keys, name }
}

async function issued(by: Authority, host: string, days: number): Promise<Made> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create(
    {
      subject: `CN=${host}`,
      issuer: `CN=${by.name}`,
      publicKey: keys.publicKey,
      signingKey: by.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
      ...validFor(days)
    },
    webcrypto
  )
  return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

function validFor(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - 10 * DAY_MS), notAfter: new Date(now + days * DAY_MS) }
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
}
