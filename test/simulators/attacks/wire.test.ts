import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { LinkFault, tcpLink } from '../../../simulators/plc/modbus-link.ts'
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

  it('too busy is asked again until the attack has written, and until all is put back', async () => {
    const simulator = await serve({ maxRequestsPerSecond: 10 })
    const image = simulator.scene?.plc.image
    const before = [...(image?.holdingRegisters ?? [])]
    await simulator.play('setpoint-tamper')
    await simulator.play('chlorine-underdose')
    expect(simulator.counts.busy).toBeGreaterThan(0)
    expect([...(image?.holdingRegisters ?? [])]).not.toEqual(before)
    await simulator.stop()
    expect([...(image?.holdingRegisters ?? [])]).toEqual(before)
    expect(simulator.labels.every(({ end }) => end !== null)).toBe(true)
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

describe('behind a serial device server', () => {
  const open = (port: number) =>
    tcpLink({ host: '127.0.0.1', port, unit: 1, localAddress: '127.0.0.1', timeoutMs: 1500, framing: 'rtu-over-tcp' })
  const readLevel = Uint8Array.of(4, 0, 0, 0, 2)

  it('attackers write, scan, lie on the wire and break the protocol as over Modbus TCP', async () => {
    const simulator = await serve({ framing: 'rtu-over-tcp', path: { port: 0 } })
    await using direct = await open(simulator.modbusPort)
    await using agent = await open(simulator.pathPort)
    const distance = async () => (await agent.request(readLevel)).readFloatBE(2) - (await direct.request(readLevel)).readFloatBE(2)
    await simulator.play('spoofed-reply', { tag: 'tower.level', by: 2 })
    expect(await distance()).toBeCloseTo(2, 0)
    await simulator.stopPlay('spoofed-reply')
    expect(await distance()).toBeCloseTo(0, 0)
    await simulator.play('setpoint-tamper')
    expect((await agent.request(Uint8Array.of(3, 0, 2, 0, 1))).readUInt16BE(2)).toBe(1800)
    const before = simulator.counts.malformed
    await simulator.play('malformed-frames', { perStrike: 50 })
    await until(() => simulator.counts.malformed > before, { what: 'frames that are no Modbus' })
    await simulator.play('register-scan', { everySeconds: 3600 })
    await simulator.stop()
    expect(simulator.labels.map(({ name, end }) => [name, end !== null])).toEqual([
      ['spoofed-reply', true],
      ['setpoint-tamper', true],
      ['malformed-frames', true],
      ['register-scan', true]
    ])
  })

  it('a line that is lost or slow is so for serial frames too', async () => {
    const simulator = await serve({ framing: 'rtu-over-tcp' })
    await simulator.play('comms-loss')
    await using silent = await open(simulator.modbusPort)
    await expect(silent.request(readLevel)).rejects.toBeInstanceOf(LinkFault)
    await simulator.stopPlay('comms-loss')
    await simulator.play('slow-line', { delayMs: 300 })
    await using slow = await open(simulator.modbusPort)
    const asked = performance.now()
    expect(await slow.request(readLevel)).toHaveLength(6)
    expect(performance.now() - asked).toBeGreaterThan(250)
  })
})
