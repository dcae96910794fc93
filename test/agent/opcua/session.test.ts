// Connections to a real server with every policy and every way to sign in; what is not wanted does not come about.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataType, MessageSecurityMode, SecurityPolicy } from 'node-opcua'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { browseServer } from '../../../agent/opcua/browse.ts'
import { openIdentity } from '../../../agent/opcua/build.ts'
import { MODES, OpcUaDevice, POLICIES } from '../../../agent/opcua/config.ts'
import { connectServer } from '../../../agent/opcua/connect.ts'
import { OpcUaFault } from '../../../agent/opcua/fault.ts'
import type { Identity } from '../../../agent/opcua/link-options.ts'
import { type Asked, createIdentity, type OpcUaSession } from '../../../agent/opcua/session.ts'
import { acceptServerCertificate, listServerCertificates } from '../../../agent/opcua/trust.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'
import { startTypesServer, type TypesServer } from './types-server.ts'

let plc: TypesServer
let folder: string
let identity: Identity
const refused: string[] = []
const open = { policy: 'None', mode: 'None', insecure: true } as const

beforeAll(async () => {
  plc = await startTypesServer()
  folder = await temporaryFolder()
  identity = await openIdentity(folder, quietLog())
  process.env['PENSTOCK_TEST_PASSWORD'] = 'right'
}, 60_000)
afterAll(async () => {
  await plc[Symbol.asyncDispose]()
})

const configOf = (more: object) =>
  OpcUaDevice.parse({ id: 'ua-1', protocol: 'opcua', endpoint: plc.endpoint, tags: [{ name: 'a', node: 'i=2258' }], ...more })

async function connect(more: object, where = folder): Promise<OpcUaSession> {
  const tally = { sent() {}, refused: (service: string) => void refused.push(service) }
  const signal = AbortSignal.timeout(20_000)
  return await connectServer({ config: configOf(more), folder: where, identity, tally, signal, offered: async () => {} })
}

const readState = async (session: OpcUaSession) => {
  const { results } = await session.ask('Read', { nodesToRead: [{ nodeId: 'ns=0;i=2259', attributeId: 13 }] }, 5000)
  return results?.[0]?.value.value
}

describe('a connection', () => {
  it('does not come about before a person has accepted the certificate', async () => {
    await expect(connect({})).rejects.toMatchObject({ code: 'OPCUA_UNTRUSTED', statusName: 'BadCertificateUntrusted' })
    const [waiting] = await listServerCertificates(folder)
    await acceptServerCertificate(folder, waiting?.thumbprint ?? '')
    const session = await connect({})
    expect(await readState(session)).toBe(0)
    await session.close()
  })

  const user = { name: 'reader', password: { env: 'PENSTOCK_TEST_PASSWORD' } }
  const protections = POLICIES.flatMap((policy) => MODES.map((mode) => ({ policy, mode, insecure: true }))).filter(
    ({ policy, mode }) => (policy === 'None') === (mode === 'None')
  )
  it.each(protections)('has $policy and $mode, for anybody and for somebody', async (security) => {
    for (const who of ['anonymous', user]) {
      const session = await connect({ security, user: who })
      expect(await readState(session)).toBe(0)
      await session.close()
    }
  })

  it('can be made by a certificate of the user', async () => {
    const own = await createIdentity('user')
    const [certificate, key] = [join(folder, 'user.pem'), join(folder, 'user.key')]
    const pem = own.certificate
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n')
    await writeFile(certificate, `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`)
    await writeFile(key, own.key)
    const session = await connect({ user: { certificate, key } })
    expect(await readState(session)).toBe(0)
    await session.close()
  })

  it('says that a password is wrong or cannot be read, and leaves no session behind', async () => {
    process.env['PENSTOCK_WRONG_PASSWORD'] = 'wrong'
    const wrong = { name: 'reader', password: { env: 'PENSTOCK_WRONG_PASSWORD' } }
    await expect(connect({ user: wrong })).rejects.toMatchObject({ statusName: 'BadUserAccessDenied' })
    const missing = { name: 'reader', password: { env: 'PENSTOCK_NO_PASSWORD' } }
    await expect(connect({ user: missing })).rejects.toMatchObject({ statusName: 'BadIdentityTokenRejected' })
    await until(() => plc.server.engine.currentSessionCount === 0, { what: 'all sessions to be closed' })
    expect(plc.server.engine.currentSessionCount).toBe(0)
  })

  it('is never weaker than it was asked to be', async () => {
    await using weak = await startTypesServer({ policies: [SecurityPolicy.None], modes: [MessageSecurityMode.None] })
    await expect(connect({ endpoint: weak.endpoint })).rejects.toMatchObject({
      code: 'OPCUA_ENDPOINT',
      message: 'the server does not offer Aes256_Sha256_RsaPss with SignAndEncrypt, only None'
    })
    expect(weak.requests).not.toContain('CreateSessionRequest')
  })
})

describe('the guard below the session', () => {
  it('sends no Write and no Call, and the value at the server stays', async () => {
    const session = await connect({ security: open })
    // What a mistake in this program could do: any request of the library, by the way that all requests go.
    const inner = session as unknown as { ask(service: Asked | string, body: object, timeoutMs: number): Promise<unknown> }
    await expect(inner.ask('Call', { methodsToCall: [{ objectId: 'i=2253', methodId: 'i=11492' }] }, 5000)).rejects.toMatchObject({
      code: 'OPCUA_REFUSED'
    })
    expect(refused).toEqual(['Call'])
    expect(plc.requests).not.toContain('CallRequest')
    expect(await readState(session)).toBe(0)
    await session.close()
    expect(plc.get('double')).toBe(1.5)
  })

  it('holds for the session of the library itself', async () => {
    const { OPCUAClient, WriteRequest } = await import('node-opcua')
    const { guard } = await import('../../../agent/opcua/guard.ts')
    const client = OPCUAClient.create({ endpointMustExist: false })
    const tally = { sent() {}, refused: (service: string) => void refused.push(service) }
    guard(client, { tally, conditionRefresh: false, probe: new WriteRequest({}) })
    await client.connect(plc.endpoint)
    const session = await client.createSession()
    const node = 'ns=2;s=double'
    await expect(
      session.write({ nodeId: node, attributeId: 13, value: { value: { dataType: DataType.Double, value: 99 } } })
    ).rejects.toBeInstanceOf(OpcUaFault)
    await expect(session.call({ objectId: 'i=2253', methodId: 'i=11492' })).rejects.toBeInstanceOf(OpcUaFault)
    expect((await session.read({ nodeId: node, attributeId: 13 })).value.value).toBe(1.5)
    await session.close()
    await client.disconnect()
    expect(plc.requests.filter((name) => /Write|Call|HistoryUpdate|Add|Delete(?!Sub|Mon)/.test(name))).toEqual([])
  })
})

describe('a walk through the address space', () => {
  it('gives what a config needs, goes round no loop, and tells what it left out', async () => {
    const config = configOf({ security: open, budget: { requestsPerSecond: 200 } })
    const walk = (limits: object) => browseServer({ config, folder, log: quietLog(), signal: AbortSignal.timeout(30_000), ...limits })
    const all = await walk({ from: 'nsu=urn:test:types;s=Types' })
    const double = all.nodes.find(({ name }) => name === 'double')
    expect(double).toMatchObject({
      node: 'nsu=urn:test:types;s=double',
      nodeClass: 'variable',
      dataType: 'Double',
      valueRank: -1,
      readable: true
    })
    expect(all.nodes.map(({ name }) => name).filter((name) => ['Types', 'Deep'].includes(name))).toEqual(['Deep'])
    expect(all.cutBy).toEqual([])
    expect((await walk({ nodes: 20 })).cutBy).toContain('nodes')
    expect((await walk({ depth: 1 })).cutBy).toEqual(['depth'])
    await expect(walk({ from: 'nsu=urn:none;i=1' })).rejects.toMatchObject({ statusName: 'BadNodeIdUnknown' })
  })
})
