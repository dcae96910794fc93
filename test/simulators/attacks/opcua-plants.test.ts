// Every attack over OPC UA as a tester plays it from the command line: on each plant, with nothing said but its name.
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { PLANTS } from '../../../simulators/plants/plant.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { townOf } from '../../../simulators/town.ts'
import { startCommand } from '../../parts/command.ts'
import { opcuaClient } from '../../parts/opcua-client.ts'
import { freePort, temporaryFolder, until } from '../../parts/wait.ts'

const OVER_OPCUA = Object.values(ATTACKS).flatMap((attack) =>
  'needs' in attack && attack.needs?.some((need) => need === 'opcua') ? [attack.name] : []
)
// These look for a tag of the plant; the others know nothing of it, and one plant will do.
const OF_A_PLANT = ['anonymous-session', 'opcua-call', 'opcua-write']
const CHANGE_THE_SERVER = ['certificate-swap', 'downgrade-to-none']

it('there are seven of them', () => {
  expect(OVER_OPCUA.sort()).toEqual(
    ['anonymous-session', 'endpoint-sweep', 'opcua-call', 'opcua-write', 'password-guessing', ...CHANGE_THE_SERVER].sort()
  )
})

describe.each(PLANTS)('the %s plant', (plant) => {
  let simulator: Simulator
  const server = () => {
    if (simulator.opcua === undefined) throw new Error('no OPC UA server')
    return simulator.opcua
  }

  beforeAll(async () => {
    const anywhere = { host: '127.0.0.1', port: 0 }
    const [config] = await townOf({ plants: [plant], modbus: anywhere, opcua: anywhere, language: 'en', attack: [], fault: [] })
    if (config === undefined) throw new Error('no scenario')
    simulator = new Simulator({ config: { ...config, operator: { ...config.operator, enabled: false } }, log: quietLog() })
    await simulator.start()
  }, 60_000)
  afterAll(() => simulator.stop())

  it.each(plant === 'water' ? OVER_OPCUA : OF_A_PLANT)(
    '%s does something and is over',
    async (name) => {
      const [counts, certificate] = [server().counts, server().certificate]
      const label = await simulator.play(name)
      expect(label).toMatchObject({ name, end: null, kind: 'attack' })
      if (name === 'certificate-swap') expect(server().certificate.equals(certificate)).toBe(false)
      else if (name === 'downgrade-to-none') await expect(protectedClient(server().port)).rejects.toThrow()
      else if (name === 'endpoint-sweep') expect(server().counts.sessions).toBe(counts.sessions)
      else expect(server().counts.sessions).toBeGreaterThan(counts.sessions)
      if (name === 'opcua-write') expect(server().counts.writes).toBe(counts.writes + 1)
      expect((await simulator.stopPlay(name)).end).not.toBeNull()
      expect(server().certificate.equals(certificate)).toBe(true)
    },
    60_000
  )

  if (plant !== 'water') return
  it('is attacked on while its server has been changed', async () => {
    for (const change of CHANGE_THE_SERVER) {
      await simulator.play(change)
      expect((await simulator.play('opcua-write')).tags).toHaveLength(1)
      await simulator.stopPlay(change)
      expect((await simulator.stopPlay('opcua-write')).end).not.toBeNull()
    }
    await (await protectedClient(server().port))[Symbol.asyncDispose]()
  }, 60_000)
})

const protectedClient = (port: number) => opcuaClient({ port, policy: 'Basic256Sha256', mode: 'SignAndEncrypt' })

it('leaves nothing behind in the temporary folder', async () => {
  const TMPDIR = await temporaryFolder()
  const [port, modbus] = [await freePort(), await freePort()]
  const attack = ['--attack', 'opcua-write', '--attack', 'certificate-swap@00:00:03']
  const running = startCommand(['simulate', 'water', '--modbus', `:${modbus}`, '--opcua', `:${port}`, ...attack], { TMPDIR })
  await until(() => running.stdout.includes('"name":"certificate-swap"'), { what: 'the second attack', timeoutMs: 60_000 })
  const during = await readdir(TMPDIR)
  expect(during.filter((name) => name.startsWith('penstock-opcua-')).length).toBeGreaterThan(1)
  running.child.kill('SIGTERM')
  expect(await running.ended).toBe(0)
  expect((await readdir(TMPDIR)).filter((name) => name.startsWith('penstock'))).toEqual([])
}, 90_000)
