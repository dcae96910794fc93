import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { frame, type RawClient, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const started: Simulator[] = []
afterEach(async () => {
  for (const simulator of started.splice(0)) await simulator.stop()
})

async function serve(modbus: object = {}): Promise<Simulator> {
  const config = Scenario.parse({ modbus: { port: 0, ...modbus }, operator: { enabled: false } })
  const simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
  started.push(simulator)
  return simulator
}

const levelAt = async (client: RawClient) => Buffer.from(await client.ask([4, 0, 0, 0, 2])).readFloatBE(2)

describe('the way of the agent to the PLC', () => {
  it('lets an attacker alter what the agent hears, and nobody else, until he is stopped', async () => {
    const simulator = await serve({ path: { port: 0 } })
    await using direct = await rawClient(simulator.modbusPort)
    await using agent = await rawClient(simulator.pathPort)
    const distance = async () => (await levelAt(agent)) - (await levelAt(direct))
    expect(await distance()).toBeCloseTo(0, 0)
    await simulator.play('spoofed-reply', { tag: 'tower.level', by: 2 })
    expect(await distance()).toBeCloseTo(2, 0)
    await simulator.stopPlay('spoofed-reply')
    expect(await distance()).toBeCloseTo(0, 0)
  })

  it('is there only when the scenario asks for it', async () => {
    const simulator = await serve()
    expect(simulator.pathPort).toBe(0)
    await expect(simulator.play('spoofed-reply')).rejects.toMatchObject({ code: 'PLAY_IMPOSSIBLE' })
  })
})

describe('a PLC that is', () => {
  it('forced to listen only answers nobody until the attack is over', async () => {
    const simulator = await serve()
    await simulator.play('listen-only')
    await using deaf = await rawClient(simulator.modbusPort)
    const before = simulator.counts.requests
    deaf.send(frame(1, 1, [1, 0, 0, 0, 5]))
    await until(() => simulator.counts.requests > before, { what: 'the request at the PLC' })
    await simulator.stopPlay('listen-only')
    await until(() => deaf.closed() !== null, { what: 'the end of all connections' })
    expect(deaf.received()).toHaveLength(0)
    await using client = await rawClient(simulator.modbusPort)
    expect((await client.ask([1, 0, 0, 0, 5]))[0]).toBe(1)
  })

  it('told to restart its communications cuts off all who are connected', async () => {
    const simulator = await serve()
    await using client = await rawClient(simulator.modbusPort)
    await client.ask([1, 0, 0, 0, 5])
    await simulator.play('restart-communications', { everySeconds: 0 })
    await until(() => client.closed() !== null, { what: 'the end of the connection' })
    expect((await simulator.stopPlay('restart-communications')).technique).toBe('T0816')
  })

  it('programmed is reserved for the attacker, and free again afterwards', async () => {
    const simulator = await serve()
    await using client = await rawClient(simulator.modbusPort)
    const isReserved = async () => (await client.ask([90, 0, 2]))[4] === 1
    expect(await isReserved()).toBe(false)
    await simulator.play('program-mode')
    expect(await isReserved()).toBe(true)
    await simulator.stopPlay('program-mode')
    expect(await isReserved()).toBe(false)
  })
})
