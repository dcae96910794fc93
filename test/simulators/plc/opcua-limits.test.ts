// What the OPC UA server of a PLC takes on at most, and whom it trusts: the limits of its config hold, and the next client finds room
// as soon as one has left.
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { OpcuaServerConfig } from '../../../simulators/plc/opcua-config.ts'
import { OpcuaFace } from '../../../simulators/plc/opcua-face.ts'
import { pointsOf } from '../../../simulators/plc/opcua-points.ts'
import { createWorks } from '../../../simulators/works.ts'
import { opcuaClient } from '../../parts/opcua-client.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function serve(config: object): Promise<{ face: OpcuaFace; port: number }> {
  const { map, plc, alarms } = await createWorks('gas', { seed: 1 })
  const parsed = OpcuaServerConfig.parse({ port: 0, anonymous: 'observer', ...config })
  const face = new OpcuaFace({ name: 'gas', points: pointsOf(map, plc.image), alarms, config: parsed, log: quietLog() })
  await face.start()
  stops.push(() => face.stop())
  return { face, port: face.server?.port ?? 0 }
}

const OPEN = { policies: ['None'], modes: ['None'] }

it('takes so many sessions and no more', async () => {
  const { port } = await serve({ security: OPEN, limits: { sessions: 2 } })
  await using _one = await opcuaClient({ port })
  const two = await opcuaClient({ port })
  await expect(opcuaClient({ port })).rejects.toThrow(/BadTooManySessions/)
  await two[Symbol.asyncDispose]()
  const three = await until(() => opcuaClient({ port }), { what: 'a free session' })
  await three[Symbol.asyncDispose]()
})

it('takes so many connections and no more', async () => {
  const { port } = await serve({ security: OPEN, limits: { connections: 2 } })
  await using _one = await opcuaClient({ port })
  const two = await opcuaClient({ port })
  await expect(opcuaClient({ port })).rejects.toThrow()
  await two[Symbol.asyncDispose]()
  const three = await until(() => opcuaClient({ port }), { what: 'a free connection' })
  await three[Symbol.asyncDispose]()
})

it('trusts a client once somebody has moved its certificate, and stays the same server', async () => {
  const pki = join(await temporaryFolder(), 'server')
  const own = join(await temporaryFolder(), 'client')
  const first = await serve({ pki })
  const certificate = first.face.server?.certificate
  const asClient = (port: number) => opcuaClient({ port, pki: own, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' })
  await expect(asClient(first.port)).rejects.toThrow()
  const [waiting = ''] = await readdir(join(pki, 'rejected'))
  await first.face.stop()
  await mkdir(join(pki, 'trusted', 'certs'), { recursive: true })
  await rename(join(pki, 'rejected', waiting), join(pki, 'trusted', 'certs', waiting))
  const second = await serve({ pki })
  await using client = await asClient(second.port)
  expect(client.session).toBeDefined()
  expect(second.face.server?.certificate.equals(certificate ?? Buffer.alloc(0))).toBe(true)
})

it('makes up keys when it is given no folder, and is another server at the next start', async () => {
  const { face } = await serve({ security: OPEN })
  const before = face.server?.certificate ?? Buffer.alloc(0)
  await face.stop()
  await face.start()
  expect(face.server?.certificate.equals(before)).toBe(false)
})
