// The authority of a site: what openssl and TLS make of its certificates, and what its book refuses.
import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Authority } from '../../pki/authority.ts'
import { Folder } from '../../pki/folder.ts'
import { parseLedger } from '../../pki/ledger.ts'
import { isPermitted } from '../../pki/name-constraints.ts'
import { agentSubject, brokerSubject, clientSubject } from '../../pki/names.ts'
import { listOutcome } from '../../pki/report.ts'
import { readPem } from '../../pki/x509.ts'
import { openssl, type SiteAuthority, siteAuthority } from './site-authority.ts'

const DAY = 86_400_000
const verify = ({ at }: SiteAuthority, ...rest: string[]) =>
  openssl('verify', '-x509_strict', '-crl_check', '-CAfile', at('ca.crt'), '-CRLfile', at('crl.pem'), ...rest)

describe('certificates', () => {
  it('say what openssl expects of an authority, an agent and a broker, and hold under strict checks', async () => {
    const site = await siteAuthority({ permitted: ['scada.example', '2001:db8::/32'] })
    const agent = await site.authority.issue(agentSubject('east-water', 'edge-1'))
    const broker = await site.authority.issue(brokerSubject(['mqtt.scada.example', '10.1.0.5', '2001:db8::5']))
    expect(verify(site, '-purpose', 'sslclient', agent.certificate)).toContain('OK')
    expect(verify(site, '-purpose', 'sslserver', '-verify_hostname', 'mqtt.scada.example', broker.certificate)).toContain('OK')
    expect(verify(site, '-verify_ip', '2001:db8::5', broker.certificate)).toContain('OK')
    expect(() => verify(site, '-purpose', 'sslserver', agent.certificate)).toThrow()
    expect(() => verify(site, '-purpose', 'sslclient', broker.certificate)).toThrow()
    const text = openssl('x509', '-in', agent.certificate, '-noout', '-text')
    for (const expected of [
      'Subject: CN = east-water/edge-1',
      'URI:urn:penstock:agent:east-water:edge-1',
      'TLS Web Client Authentication',
      'Digital Signature',
      'CA:FALSE',
      'Authority Key Identifier',
      'Subject Key Identifier',
      'prime256v1'
    ])
      expect(text).toContain(expected)
    const authority = openssl('x509', '-in', site.at('ca.crt'), '-noout', '-text')
    for (const expected of [
      'CA:TRUE, pathlen:0',
      'Certificate Sign, CRL Sign',
      'DNS:scada.example',
      'IP:10.0.0.0/255.0.0.0',
      'IP:2001:DB8:0'
    ])
      expect(authority).toContain(expected)
  })

  it('may not be made for names of others, and a key that is stolen cannot make them either', async () => {
    const site = await siteAuthority()
    await expect(site.authority.issue(brokerSubject(['www.bank.example']))).rejects.toMatchObject({ code: 'PKI_NOT_PERMITTED' })
    await expect(site.authority.issue(brokerSubject(['10.1.0.5', '8.8.8.8']))).rejects.toMatchObject({ code: 'PKI_NOT_PERMITTED' })
    const [key, request, extension, forged] = ['f.key', 'f.csr', 'f.ext', 'f.crt'].map((name) => site.at(name))
    if (key === undefined || request === undefined || extension === undefined || forged === undefined) throw new Error('four files')
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl('req', ...curve, '-subj', '/CN=x', '-keyout', key, '-out', request)
    writeFileSync(extension, 'subjectAltName=DNS:www.bank.example\nextendedKeyUsage=serverAuth\n')
    const by = ['-CA', site.at('authority/1.crt'), '-CAkey', site.at('authority/1.key'), '-CAcreateserial', '-extfile', extension]
    openssl('x509', '-req', '-in', request, ...by, '-out', forged)
    expect(() => verify(site, forged)).toThrow(/permitted subtree violation/)
  })

  it('are refused once they are revoked, by openssl and in a real TLS handshake', async () => {
    const site = await siteAuthority()
    const broker = await site.authority.issue(brokerSubject(['127.0.0.1']))
    const one = await site.authority.issue(agentSubject('east-water', 'edge-1'))
    const two = await site.authority.issue(agentSubject('east-water', 'edge-2'))
    await site.authority.revoke('east-water/edge-1', { reason: 'key-compromise' })
    expect(() => verify(site, one.certificate)).toThrow(/certificate revoked/)
    expect(verify(site, two.certificate)).toContain('OK')
    expect(openssl('crl', '-in', site.at('crl.pem'), '-noout', '-text')).toMatch(/Key Compromise/)
    const pem = (file: string) => readFileSync(file, 'utf8')
    const own = { ca: pem(site.at('ca.crt')), cert: pem(broker.certificate), key: pem(broker.key), crl: pem(site.at('crl.pem')) }
    const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true }, (socket) => socket.end('welcome'))
    server.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const dial = (who: { certificate: string; key: string }) =>
        new Promise<string>((resolve) => {
          const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: own.ca, cert: pem(who.certificate), key: pem(who.key) })
          let heard = ''
          socket.on('data', (data) => {
            heard += String(data)
          })
          socket.on('error', () => resolve('refused'))
          socket.on('close', () => resolve(heard === '' ? 'refused' : heard))
        })
      expect([await dial(one), await dial(two)]).toEqual(['refused', 'welcome'])
    } finally {
      server.close()
    }
  })
})

describe('rotation', () => {
  it('gives a new key while the old certificate stays valid until it is revoked by its serial', async () => {
    const site = await siteAuthority()
    const before = await site.authority.issue(agentSubject('east-water', 'edge-1'))
    const after = await site.authority.rotate('east-water/edge-1')
    const old = site.at('issued', `agent-east-water.edge-1.${before.serial}.crt`)
    expect(readFileSync(site.at('issued', `agent-east-water.edge-1.${before.serial}.key`))).not.toEqual(readFileSync(after.key))
    expect([verify(site, old), verify(site, after.certificate)].every((said) => said.includes('OK'))).toBe(true)
    await expect(site.authority.revoke('east-water/edge-1', { reason: 'superseded' })).rejects.toMatchObject({ code: 'PKI_AMBIGUOUS' })
    await site.authority.revoke(before.serial, { reason: 'superseded' })
    expect(() => verify(site, old)).toThrow(/certificate revoked/)
    expect(verify(site, after.certificate)).toContain('OK')
    expect(readFileSync(site.at('mosquitto.acl'), 'utf8')).toContain('user east-water/edge-1')
    await site.authority.revoke('east-water/edge-1', { reason: 'unspecified' })
    expect(readFileSync(site.at('mosquitto.acl'), 'utf8')).not.toContain('edge-1')
    expect(JSON.parse(readFileSync(site.at('agents.json'), 'utf8'))).toEqual({ version: 1, agents: [] })
  })

  it('of the authority trusts both for a while, and forgets the old one only when nothing needs it', async () => {
    const site = await siteAuthority()
    const old = await site.authority.issue(agentSubject('east-water', 'edge-1'))
    await site.authority.renew({ name: 'Test authority', permitted: [] })
    const fresh = await site.authority.issue(agentSubject('east-water', 'edge-2'))
    expect([old, fresh].map(({ certificate }) => verify(site, certificate)).every((said) => said.includes('OK'))).toBe(true)
    expect(openssl('x509', '-in', fresh.certificate, '-noout', '-issuer')).toContain('Test authority 2')
    await expect(site.authority.retire()).rejects.toMatchObject({ code: 'PKI_STILL_NEEDED' })
    await site.authority.rotate('east-water/edge-1')
    await site.authority.revoke(old.serial, { reason: 'superseded' })
    expect((await site.authority.retire()).map(({ name }) => name)).toEqual(['Test authority'])
    expect(readFileSync(site.at('ca.crt'), 'utf8').match(/BEGIN CERTIFICATE/g)).toHaveLength(1)
    expect(verify(site, fresh.certificate)).toContain('OK')
  })
})

describe('the folder', () => {
  it('is for its owner only, is not overwritten, and its revocation lists are numbered upwards', async () => {
    const site = await siteAuthority()
    await site.authority.issue(clientSubject('collector', 'collector'))
    for (const name of ['', 'authority', 'issued']) expect(statSync(site.at(name)).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(site.folder.path, { recursive: true, encoding: 'utf8' }).filter((one) =>
      statSync(site.at(one)).isFile()
    ))
      expect([name, statSync(site.at(name)).mode & 0o777]).toEqual([name, 0o600])
    expect(() => site.folder.found()).toThrow(expect.objectContaining({ code: 'PKI_EXISTS' }))
    const number = () => Number(/CRL Number:\s+(\d+)/.exec(openssl('crl', '-in', site.at('crl.pem'), '-noout', '-text'))?.[1])
    const before = number()
    await site.authority.publish()
    expect(number()).toBe(before + 1)
  })

  it('keeps the key of the authority under a passphrase, and changes nothing when that is wrong', async () => {
    const site = await siteAuthority({ passphrase: 'nine small fish' })
    const text = readFileSync(site.at('authority/1.key'), 'utf8')
    expect(text).toContain('ENCRYPTED PRIVATE KEY')
    expect(createPrivateKey({ key: text, passphrase: 'nine small fish' }).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    const book = readFileSync(site.at('ledger.jsonl'), 'utf8')
    for (const passphrase of [undefined, 'ten small fish']) {
      const other = new Authority({ folder: new Folder(site.folder.path), passphrase })
      await expect(other.issue(agentSubject('east-water', 'edge-1'))).rejects.toMatchObject({ code: 'PKI_PASSPHRASE' })
      await expect(other.renew({ name: 'x', permitted: [] })).rejects.toMatchObject({ code: 'PKI_PASSPHRASE' })
    }
    expect(readFileSync(site.at('ledger.jsonl'), 'utf8')).toBe(book)
  })

  it('lets one command work at a time, and takes over from one that died', async () => {
    const { folder } = await siteAuthority()
    let inside: unknown
    await folder.alone(async () => {
      try {
        folder.alone(() => 'second')
      } catch (error) {
        inside = error
      }
    })
    expect(inside).toMatchObject({ code: 'PKI_BUSY' })
    writeFileSync(folder.at('lock'), '999999999')
    expect(folder.alone(() => 'taken over')).toBe('taken over')
  })

  it('names the line of its book that cannot be read', () => {
    expect(() => parseLedger('{"what":"retired","at":1,"authority":1}\n{"what":"retired"}\n', 'ledger.jsonl')).toThrow(
      /line 2 of ledger\.jsonl/
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          return Array.isArray(parseLedger(text, 'x'))
        } catch (error) {
          return error instanceof Error && 'code' in error && error.code === 'PKI_DAMAGED'
        }
      })
    )
  })
})

describe('names', () => {
  it('belong to one certificate at a time, and are refused when they would mean something else to a broker', async () => {
    const { authority } = await siteAuthority()
    await authority.issue(agentSubject('east-water', 'edge-1'))
    await expect(authority.issue(agentSubject('east-water', 'edge-1'))).rejects.toMatchObject({ code: 'PKI_NAME_TAKEN' })
    await authority.issue(clientSubject('collector', 'centre'))
    await expect(authority.issue(clientSubject('viewer', 'centre'))).rejects.toMatchObject({ code: 'PKI_NAME_TAKEN' })
    for (const name of ['#', '+', 'a/b', '', 'A', 'a\nuser b', 'authority', 'x'.repeat(64)])
      expect(() => agentSubject('east-water', name)).toThrow(expect.objectContaining({ code: 'PKI_NAME' }))
    expect(() => agentSubject('x'.repeat(40), 'y'.repeat(40))).toThrow(/63/)
    for (const hosts of [[''], ['a b'], ['*.local'], ['-x'], ['1.2.3']]) expect(() => brokerSubject(hosts)).toThrow()
    await expect(authority.rotate('nobody')).rejects.toMatchObject({ code: 'PKI_UNKNOWN' })
  })

  it('are permitted as openssl would permit them', () => {
    expect(
      ['pumps.local', 'local', '10.9.9.9', '::1', 'fd00::1'].map((host) =>
        isPermitted(host, ['local', '10.0.0.0/8', '::1/128', 'fc00::/7'])
      )
    ).toEqual(Array(5).fill(true))
    expect(['notlocal', '11.0.0.1', '::2', 'example.com'].map((host) => isPermitted(host, ['local', '10.0.0.0/8', '::1/128']))).toEqual(
      Array(4).fill(false)
    )
  })
})

describe('the list', () => {
  it('warns thirty days before an end, of what is not replaced already', async () => {
    const site = await siteAuthority()
    await site.authority.issue(agentSubject('east-water', 'edge-1'), { days: 40 })
    const told = () => listOutcome(site.authority.ledger, { now: site.clock.now, language: 'en' })
    expect(told()).toMatchObject({ trouble: false })
    site.clock.now += 11 * DAY
    expect(told()).toMatchObject({ trouble: true, data: { expiring: [{ name: 'east-water/edge-1', state: 'expiring' }] } })
    await site.authority.rotate('east-water/edge-1')
    expect(told().trouble).toBe(false)
    site.clock.now += 400 * DAY
    expect(told().text).toContain('revocation list Test authority expired')
  })

  it('shows what is in a file, and never a key', async () => {
    const site = await siteAuthority()
    const { certificate, key, serial } = await site.authority.issue(agentSubject('east-water', 'edge-1'))
    const [shown] = readPem(readFileSync(certificate, 'utf8'))
    expect(shown).toMatchObject({ what: 'certificate', subject: 'CN=east-water/edge-1', serial, uses: ['clientAuth'], isAuthority: false })
    expect(readPem(readFileSync(key, 'utf8'))).toEqual([{ what: 'key' }])
    fc.assert(
      fc.property(fc.base64String({ maxLength: 200 }), fc.constantFrom('CERTIFICATE', 'X509 CRL', 'THING'), (body, label) => {
        const parts = readPem(`-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`)
        return parts.length === 1 && parts[0]?.what === 'unreadable'
      })
    )
  })
})
