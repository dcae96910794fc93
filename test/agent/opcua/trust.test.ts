// The folder of certificates: nothing is trusted by itself, a person accepts and rejects, and a folder that cannot be used says so.
import { chown, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { OpcUaFault } from '../../../agent/opcua/fault.ts'
import { applicationUri } from '../../../agent/opcua/link-options.ts'
import { changesBetween, readSeen, seenOf, writeSeen } from '../../../agent/opcua/seen.ts'
import { createIdentity } from '../../../agent/opcua/session.ts'
import {
  acceptServerCertificate,
  checkServerCertificate,
  listServerCertificates,
  ownIdentity,
  prepareTrustFolder,
  rejectServerCertificate
} from '../../../agent/opcua/trust.ts'
import { temporaryFolder } from '../../parts/wait.ts'

let shown: Buffer
let other: Buffer
beforeAll(async () => {
  ;[shown, other] = (await Promise.all([createIdentity('plc'), createIdentity('mallory')])).map(({ certificate }) => certificate) as [
    Buffer,
    Buffer
  ]
})

async function prepared(): Promise<string> {
  const folder = join(await temporaryFolder(), 'opcua')
  await prepareTrustFolder(folder)
  return folder
}

const nameOf = (fault: unknown) => (fault as OpcUaFault).statusName

it('makes the certificate of the agent once, with its host in it', async () => {
  const folder = await prepared()
  const make = () => createIdentity('edge-7')
  const first = await ownIdentity(folder, make)
  const second = await ownIdentity(folder, make)
  expect(second.certificate.equals(first.certificate)).toBe(true)
  expect(second.key).toBe(first.key)
  expect(first.certificate.toString('latin1')).toContain(applicationUri('edge-7'))
  expect(await readFile(join(folder, 'own', 'key.pem'), 'utf8')).toContain('PRIVATE KEY')
})

// Only root can give files away; for anybody else the owner stays the same by itself.
it('leaves what is accepted by hand to the owner of the folder', async () => {
  const folder = await prepared()
  const owner = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0)
  for (const path of ['', 'rejected', 'trusted']) await chown(join(folder, path), owner, -1)
  await checkServerCertificate({ folder, shown }).catch(nameOf)
  const [waiting] = await listServerCertificates(folder)
  await acceptServerCertificate(folder, waiting?.thumbprint ?? '')
  const [file = ''] = await readdir(join(folder, 'trusted'))
  expect((await stat(join(folder, 'trusted', file))).uid).toBe(owner)
})

it('trusts no certificate but one that a person has accepted, and that no longer when it is rejected', async () => {
  const folder = await prepared()
  const untrusted = await checkServerCertificate({ folder, shown }).catch(nameOf)
  expect(untrusted).toBe('BadCertificateUntrusted')
  const [waiting] = await listServerCertificates(folder)
  expect(waiting).toMatchObject({ state: 'rejected', applicationUri: applicationUri('plc') })
  expect(await acceptServerCertificate(folder, 'ff'.repeat(20))).toBeUndefined()
  const written = (waiting?.thumbprint ?? '').toUpperCase().match(/../g)?.join(':') ?? ''
  expect(await acceptServerCertificate(folder, written)).toMatchObject({ state: 'trusted', thumbprint: waiting?.thumbprint })
  expect((await checkServerCertificate({ folder, shown: Buffer.concat([shown, other]) })).equals(shown)).toBe(true)
  expect(await checkServerCertificate({ folder, shown, pinned: 'ab'.repeat(32) }).catch(nameOf)).toBe('BadCertificateUntrusted')
  await checkServerCertificate({ folder, shown, pinned: waiting?.sha256 })
  await rejectServerCertificate(folder, waiting?.sha256 ?? '')
  expect(await checkServerCertificate({ folder, shown }).catch(nameOf)).toBe('BadCertificateUntrusted')
})

it('trusts none outside its time, and none that cannot be read', async () => {
  const folder = await prepared()
  await checkServerCertificate({ folder, shown }).catch(() => {})
  const [waiting] = await listServerCertificates(folder)
  await acceptServerCertificate(folder, waiting?.thumbprint ?? '')
  const after = Date.UTC(2100, 0, 1)
  expect(await checkServerCertificate({ folder, shown, now: after }).catch(nameOf)).toBe('BadCertificateTimeInvalid')
  for (const nonsense of [null, Buffer.alloc(0), Buffer.from('not a certificate'), Buffer.from([0x30, 0x82, 0xff, 0xff, 1])])
    expect(await checkServerCertificate({ folder, shown: nonsense }).catch(nameOf)).toBe('BadCertificateInvalid')
})

it('keeps a bounded number of what it rejects, and passes over what is no certificate', async () => {
  const folder = await prepared()
  await writeFile(join(folder, 'rejected', 'large.der'), Buffer.alloc(1 << 20))
  await writeFile(join(folder, 'trusted', 'broken.pem'), 'nothing')
  const rejected = join(folder, 'rejected')
  for (let i = 0; i < 130; i++) await writeFile(join(rejected, `${i}.der`), other)
  await checkServerCertificate({ folder, shown }).catch(() => {})
  expect((await readdir(rejected)).filter((name) => name !== 'large.der').length).toBe(100)
  expect((await listServerCertificates(folder)).every(({ state }) => state === 'rejected')).toBe(true)
})

it('says which folder cannot be used', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  await expect(prepareTrustFolder(join(file, 'opcua'))).rejects.toMatchObject({ code: 'ENOTDIR', path: expect.stringContaining(file) })
})

it('remembers what a server was like, and tells what is weaker', async () => {
  const folder = await prepared()
  const uri = (name: string) => `http://opcfoundation.org/UA/SecurityPolicy#${name}`
  const strong = {
    securityPolicyUri: uri('Basic256Sha256'),
    securityMode: 3,
    serverCertificate: shown,
    userIdentityTokens: [{ tokenType: 1 }]
  }
  const before = seenOf([strong], 'Maker PLC 1')
  expect(changesBetween(undefined, before).map(({ kind, change }) => [kind, change])).toEqual([
    ['certificate', 'first'],
    ['endpoint', 'first'],
    ['identity', 'first']
  ])
  await writeSeen(folder, 'plc', before)
  expect(await readSeen(folder, 'plc')).toEqual(before)
  expect(changesBetween(before, before)).toEqual([])
  const open = { securityPolicyUri: uri('None'), securityMode: 1, serverCertificate: other, userIdentityTokens: [{ tokenType: 0 }] }
  const changes = changesBetween(
    before,
    seenOf(
      [strong, open].map((one) => ({ ...one, serverCertificate: other })),
      'Maker PLC 2'
    )
  )
  expect(changes.map(({ kind, change, severity }) => [kind, change, severity])).toEqual([
    ['certificate', 'changed', 800],
    ['endpoint', 'worse', 800],
    ['identity', 'changed', 500]
  ])
  await writeFile(join(folder, 'seen', 'plc.json'), '{"torn')
  expect(await readSeen(folder, 'plc')).toBeUndefined()
})
