// A downgrade of an OPC UA server that lets nobody in without a name: connections lose their protection, and users still sign in.
import { X509Certificate } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MessageSecurityMode, OPCUACertificateManager, OPCUAClient, SecurityPolicy, type UserIdentityInfo, UserTokenType } from 'node-opcua'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { hushOpcua, opcuaClient } from '../../parts/opcua-client.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const PASSWORD = 'water under the bridge'
let simulator: Simulator
let card: UserIdentityInfo

beforeAll(async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'password'), PASSWORD)
  card = await trustedCard(folder)
  const config = Scenario.parse({
    modbus: { port: 0 },
    operator: { enabled: false },
    opcua: {
      ...{ port: 0, pki: join(folder, 'pki'), anonymous: 'refused', userCertificates: true },
      security: { policies: ['Aes256_Sha256_RsaPss'], acceptUnknownClients: true },
      users: [{ name: 'hand', password: { file: join(folder, 'password') }, role: 'operator' }]
    }
  })
  simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
}, 60_000)
afterAll(() => simulator.stop())

const port = () => simulator.opcua?.port ?? 0
const hand = (password = PASSWORD) => ({ type: UserTokenType.UserName as const, userName: 'hand', password })
const SAFE = { policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' } as const

/** A certificate by which a user signs in; the server, whose keys lie in pki, trusts it. */
async function trustedCard(folder: string): Promise<UserIdentityInfo> {
  const keys = new OPCUACertificateManager({ rootFolder: join(folder, 'card'), disableFileWatchers: true })
  await keys.initialize()
  const [file, trusted] = [join(folder, 'card.pem'), join(folder, 'pki/users/trusted/certs')]
  const names = { subject: '/CN=card', applicationUri: 'urn:card', dns: [], ip: [] }
  await keys.createSelfSignedCertificate({ ...names, startDate: new Date(), validity: 30, outputFile: file })
  const privateKey = await readFile(keys.privateKey, 'utf8')
  await keys.dispose()
  await mkdir(trusted, { recursive: true })
  await copyFile(file, join(trusted, 'card.pem'))
  return { type: UserTokenType.Certificate, certificateData: new X509Certificate(await readFile(file)).raw, privateKey }
}

async function offered() {
  hushOpcua()
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } })
  try {
    await client.connect(`opc.tcp://127.0.0.1:${port()}`)
    return await client.getEndpoints()
  } finally {
    await client.disconnect()
  }
}

it('lets users in over open connections, and nobody else', async () => {
  await simulator.play('downgrade-to-none')
  const endpoints = await offered()
  expect(endpoints.map(({ securityMode, securityPolicyUri }) => [securityMode, securityPolicyUri])).toEqual([
    [MessageSecurityMode.None, SecurityPolicy.None]
  ])
  const tokens = endpoints[0]?.userIdentityTokens ?? []
  const ofNames = tokens.filter(({ tokenType }) => tokenType === UserTokenType.UserName)
  expect(ofNames.map(({ securityPolicyUri }) => securityPolicyUri)).toEqual([SecurityPolicy.Basic256Sha256])
  expect(tokens.some(({ tokenType }) => tokenType === UserTokenType.Anonymous)).toBe(false)
  for (const user of [hand(), card]) {
    await using client = await opcuaClient({ port: port(), user })
    const { value } = await client.session.read({ nodeId: 'ns=1;s=tower.level' })
    expect(value.value).toBeGreaterThan(0)
  }
  await expect(opcuaClient({ port: port(), user: hand('guessed') })).rejects.toThrow(/BadUserAccessDenied|BadIdentityTokenRejected/)
  await expect(opcuaClient({ port: port() })).rejects.toThrow()
  await expect(opcuaClient({ port: port(), ...SAFE, user: hand() })).rejects.toThrow()
  await simulator.stopPlay('downgrade-to-none')
  await expect(opcuaClient({ port: port(), user: hand() })).rejects.toThrow()
  for (const user of [hand(), card]) {
    await using client = await opcuaClient({ port: port(), ...SAFE, user })
    expect(client.session).toBeDefined()
  }
}, 60_000)
