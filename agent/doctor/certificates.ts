// Certificates on disk: whether they are valid, fit their keys, and will be for a while; and who may read the keys.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { BrokerConfig } from '#runtime/broker-config.ts'
import { listServerCertificates } from '../opcua/trust.ts'
import { modeFinding } from './files.ts'
import { bad, codeOf, type Finding, ok } from './finding.ts'

const DAY_MS = 24 * 3_600_000
const SOON_DAYS = 30
const MAX_CERTIFICATES = 100

export async function lookAtCertificates({ tls }: BrokerConfig): Promise<Finding[]> {
  if (tls === undefined) return []
  const [ca, own] = await Promise.all([tls.ca, tls.cert].map((file) => (file === undefined ? undefined : certificatesIn(file))))
  const findings: Finding[] = []
  if (tls.ca !== undefined)
    findings.push(...(Array.isArray(ca) ? ca.map((one) => expiryFinding('certificate.ca', tls.ca ?? '', one)) : unreadable(tls.ca, ca)))
  if (tls.cert === undefined || tls.key === undefined) return findings
  if (!Array.isArray(own)) return [...findings, ...unreadable(tls.cert, own)]
  const [first] = own
  if (first === undefined) return [...findings, ...unreadable(tls.cert, new Error('PEM'))]
  findings.push(expiryFinding('certificate.own', tls.cert, first), ...(await keyFindings(tls.key, first)))
  if (Array.isArray(ca) && ca.length > 0) findings.push(chainFinding(tls.cert, first, [...ca, ...own.slice(1)]))
  return findings
}

export async function lookAtServers(folder: string): Promise<Finding[]> {
  const certificates = await listServerCertificates(folder)
  const waiting = certificates.filter(({ state }) => state === 'rejected')
  const trusted = certificates.filter(({ state }) => state === 'trusted')
  return [
    ...trusted.map(({ thumbprint, validTo }) => expiry('certificate.server', thumbprint, validTo)),
    ...waiting.map(({ thumbprint, subject }) =>
      bad(
        'warn',
        'certificate.server',
        thumbprint,
        { zh: `服务器证书未被信任：${subject}`, en: `a server certificate is not trusted: ${subject}` },
        {
          zh: `与设备侧核对指纹后执行 penstock agent trust accept ${thumbprint}`,
          en: `compare the thumbprint at the device, then penstock agent trust accept ${thumbprint}`
        }
      )
    )
  ]
}

export function expiryFinding(check: string, subject: string, x509: X509Certificate, now: number = Date.now()): Finding {
  if (Date.parse(x509.validFrom) > now)
    return bad(
      'fail',
      check,
      subject,
      { zh: `证书自 ${x509.validFrom} 起才有效`, en: `the certificate is valid only from ${x509.validFrom}` },
      { zh: '检查本机时间，或重新签发证书', en: 'look at the clock of this machine, or issue it anew' }
    )
  return expiry(check, subject, Date.parse(x509.validTo), now)
}

function expiry(check: string, subject: string, validTo: number, now: number = Date.now()): Finding {
  const days = Math.floor((validTo - now) / DAY_MS)
  const until = Number.isFinite(validTo) ? new Date(validTo).toISOString().slice(0, 10) : '?'
  const advice = {
    zh: '及时更换证书；采集代理下次连接时使用新证书，无需重启',
    en: 'renew it in time; the agent takes the new one at its next connection, without a restart'
  }
  if (!(days >= 0)) return bad('fail', check, subject, { zh: `证书已于 ${until} 过期`, en: `the certificate ended on ${until}` }, advice)
  if (days < SOON_DAYS)
    return bad(
      'warn',
      check,
      subject,
      { zh: `证书还有 ${days} 天过期（${until}）`, en: `the certificate ends in ${days} days (${until})` },
      advice
    )
  return ok(check, subject, `证书有效至 ${until}（还有 ${days} 天）`, `the certificate is valid until ${until} (${days} days)`)
}

async function keyFindings(file: string, certificate: X509Certificate): Promise<Finding[]> {
  let fits: boolean
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(await readFile(file)))
  } catch (error) {
    return unreadable(file, error)
  }
  const pair = fits
    ? ok('certificate.key', file, '私钥与证书相符', 'the key fits the certificate')
    : bad(
        'fail',
        'certificate.key',
        file,
        { zh: '私钥与证书不相符', en: 'the key does not fit the certificate' },
        { zh: '证书与私钥须出自同一次签发', en: 'certificate and key must come from the same issuing' }
      )
  return [pair, ...(await modeFinding('certificate.key', file, { secret: true }))]
}

function chainFinding(file: string, certificate: X509Certificate, issuers: readonly X509Certificate[]): Finding {
  const issuer = issuers.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey))
  if (issuer !== undefined)
    return ok('certificate.chain', file, `由 ${oneLine(issuer.subject)} 签发`, `signed by ${oneLine(issuer.subject)}`)
  return bad(
    'warn',
    'certificate.chain',
    file,
    { zh: '不是由 broker.tls.ca 中的 CA 签发', en: 'is not signed by the CA in broker.tls.ca' },
    {
      zh: '若消息代理使用另一个 CA 验证客户端，可忽略；否则请用同一 CA 签发',
      en: 'no matter when the broker checks its clients by another CA; else issue it by the same CA'
    }
  )
}

async function certificatesIn(file: string): Promise<X509Certificate[] | Error> {
  try {
    const blocks = (await readFile(file, 'utf8')).match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
    return blocks.slice(0, MAX_CERTIFICATES).map((block) => new X509Certificate(block))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function unreadable(file: string, error: unknown): Finding[] {
  return [
    bad(
      'fail',
      'certificate.file',
      file,
      { zh: `无法使用（${codeOf(error)}）`, en: `cannot be used (${codeOf(error)})` },
      { zh: '检查路径、权限和格式（PEM）', en: 'look at its path, its permissions and its form (PEM)' }
    )
  ]
}

const oneLine = (name: string): string => name.split('\n').join(', ').slice(0, 300)
