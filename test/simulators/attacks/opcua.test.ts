import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AttributeIds, ClientMonitoredItem, constructEventFilter, TimestampsToReturn, UserTokenType } from 'node-opcua'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { opcuaClient } from '../../parts/opcua-client.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const PASSWORD = 'water under the bridge'
let simulator: Simulator

beforeAll(async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'password'), PASSWORD)
  const password = { file: join(folder, 'password') }
  const config = Scenario.parse({
    modbus: { port: 0 },
    operator: { enabled: false },
    opcua: {
      ...{ port: 0, pki: join(folder, 'pki'), refreshMs: 20, anonymous: 'observer' },
      security: { policies: ['Aes256_Sha256_RsaPss', 'None'], modes: ['SignAndEncrypt', 'None'], acceptUnknownClients: true },
      users: [
        { name: 'hand', password, role: 'operator' },
        { name: 'chief', password, role: 'administrator' }
      ]
    }
  })
  simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
}, 60_000)
afterAll(() => simulator.stop())

const server = () => {
  if (simulator.opcua === undefined) throw new Error('no OPC UA server')
  return simulator.opcua
}
const play = async (name: string, parameters: object = {}) => {
  const label = await simulator.play(name, parameters)
  return { label, ended: await simulator.stopPlay(name) }
}
const hand = { user: { name: 'hand', password: PASSWORD } }

describe('attacks over OPC UA', () => {
  it('ask for endpoints without ever signing in', async () => {
    const before = server().counts.sessions
    const { label, ended } = await play('endpoint-sweep', { times: 2 })
    expect(label).toMatchObject({ technique: 'T0846', tags: [], hosts: ['127.0.0.1'] })
    expect(ended.end).not.toBeNull()
    expect(server().counts.sessions).toBe(before)
  })

  it('sign in as nobody and read', async () => {
    const before = server().counts.sessions
    expect((await play('anonymous-session')).label.technique).toBe('T0812')
    expect(server().counts.sessions).toBe(before + 1)
  })

  it('are told whether they were let in', async () => {
    const { OpcuaAttacker } = await import('../../../simulators/plc/opcua-attacker.ts')
    await using attacker = await OpcuaAttacker.create(`opc.tcp://127.0.0.1:${server().port}`)
    expect(await attacker.discover()).toEqual({ endpoints: 2, servers: 1 })
    const tries = [{ name: 'hand', password: 'guessed' }, { name: 'nobody', password: PASSWORD }, hand.user, null]
    const answers: boolean[] = []
    for (const identity of tries) answers.push(await attacker.trySignIn({ secure: true }, identity))
    expect(answers).toEqual([false, false, true, true])
    expect(await attacker.write({ secure: true }, hand.user, 'chlorine.setpoint', 99)).toBe('BadOutOfRange')
    expect(await attacker.setAlarms({ secure: false }, null, 'zone.flow', true)).toEqual([])
  })

  it('guess passwords, of which the server tells the administrator', async () => {
    await using chief = await opcuaClient({
      ...{ port: server().port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' },
      user: { type: UserTokenType.UserName, userName: 'chief', password: PASSWORD }
    })
    const subscription = await chief.session.createSubscription2({ requestedPublishingInterval: 50, publishingEnabled: true })
    const statuses: unknown[] = []
    const item = ClientMonitoredItem.create(
      subscription,
      { nodeId: 'ns=0;i=2253', attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize: 1000, filter: constructEventFilter(['ClientUserId', 'Status']) },
      TimestampsToReturn.Both
    )
    item.on('changed', (fields) => statuses.push((fields as unknown as { value: unknown }[]).map(({ value }) => value)))
    await new Promise((resolve) => item.once('initialized', () => resolve(undefined)))
    const { label } = await play('password-guessing', { user: 'hand', passwords: ['wrong', PASSWORD], perStrike: 2 })
    expect(label.technique).toBe('T0859')
    await until(() => statuses.length > 0, { what: 'audit events of the sessions' })
  })

  it('write a setpoint and put it back, unless the server refuses', async () => {
    const before = server().counts
    const label = await simulator.play('opcua-write', { tag: 'chlorine.setpoint', value: 1.2, ...hand })
    expect(label).toMatchObject({ technique: 'T0855', tags: ['chlorine.setpoint'] })
    const point = server().points.find(({ tag }) => tag === 'chlorine.setpoint')
    expect(point?.read()).toBeCloseTo(1.2)
    await simulator.stopPlay('opcua-write')
    expect(point?.read()).toBeCloseTo(0.5)
    expect(server().counts.writes - before.writes).toBe(2)
    await play('opcua-write', { tag: 'chlorine.setpoint', value: 1.2 })
    expect(point?.read()).toBeCloseTo(0.5)
  })

  it('leave a setpoint that they could not write to the attack that did', async () => {
    const point = server().points.find(({ tag }) => tag === 'chlorine.setpoint')
    await simulator.play('setpoint-tamper', { tag: 'chlorine.setpoint', value: 1.6 })
    expect(point?.read()).toBeCloseTo(1.6)
    await simulator.play('opcua-write', { tag: 'chlorine.setpoint', value: 1.2 })
    await simulator.stopPlay('setpoint-tamper')
    expect(point?.read()).toBeCloseTo(0.5)
    await simulator.stopPlay('opcua-write')
    expect(point?.read()).toBeCloseTo(0.5)
  })

  it('call methods that switch alarms off and on again', async () => {
    await using client = await opcuaClient({ port: server().port })
    const { references } = await client.session.browse({ nodeId: 'ns=1;s=tower.level', referenceTypeId: 'i=9006', resultMask: 63 })
    const alarm = references?.[0]?.nodeId.toString() ?? ''
    const [enabled] =
      (
        await client.session.translateBrowsePath([
          {
            startingNode: alarm,
            relativePath: { elements: [{ targetName: { name: 'EnabledState' } }, { targetName: { name: 'Id' } }] }
          } as never
        ])
      )[0]?.targets ?? []
    const isEnabled = async () =>
      (await client.session.read({ nodeId: enabled?.targetId ?? '', attributeId: AttributeIds.Value })).value.value as unknown
    expect(await isEnabled()).toBe(true)
    await simulator.play('opcua-call', { tag: 'tower.level', ...hand })
    expect(await isEnabled()).toBe(false)
    await simulator.stopPlay('opcua-call')
    expect(await isEnabled()).toBe(true)
  })

  it('show another certificate at the same place, and the own one again', async () => {
    const [own, { port }] = [server().certificate, server()]
    await simulator.play('certificate-swap')
    expect(server().port).toBe(port)
    expect(server().certificate.equals(own)).toBe(false)
    await simulator.stopPlay('certificate-swap')
    expect(server().certificate.equals(own)).toBe(true)
  }, 60_000)

  it('offer nothing but open connections', async () => {
    const protectedClient = () => opcuaClient({ port: server().port, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' })
    await simulator.play('downgrade-to-none')
    await expect(protectedClient()).rejects.toThrow()
    await (await opcuaClient({ port: server().port }))[Symbol.asyncDispose]()
    await simulator.stopPlay('downgrade-to-none')
    await using client = await protectedClient()
    expect(client.session).toBeDefined()
  }, 60_000)
})
