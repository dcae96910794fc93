import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { AttributeIds } from 'node-opcua'
import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { opcuaClient } from '../../parts/opcua-client.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const started: Simulator[] = []
afterEach(async () => {
  for (const simulator of started.splice(0)) await simulator.stop()
})

async function serve(): Promise<Simulator> {
  const config = Scenario.parse({ speed: 20, modbus: { port: 0 }, operator: { enabled: false } })
  const simulator = new Simulator({ config, log: quietLog(), onLabel: () => {} })
  await simulator.start()
  started.push(simulator)
  return simulator
}

const READ = [3, 0, 2, 0, 1]
const ANSWER = [3, 2, 0x01, 0xf4]

describe('the line to the PLC', () => {
  it('answers later while it is slow, and as before afterwards', async () => {
    const simulator = await serve()
    await using client = await rawClient(simulator.modbusPort)
    await simulator.play('slow-line', { delayMs: 400 })
    const asked = performance.now()
    expect(await client.ask(READ)).toEqual(ANSWER)
    expect(performance.now() - asked).toBeGreaterThan(390)
    await simulator.stopPlay('slow-line')
    expect(await client.ask(READ)).toEqual(ANSWER)
    expect(simulator.labels).toMatchObject([{ kind: 'fault', name: 'slow-line', technique: null }])
  })

  it('stays silent until the last of the faults that silence it is over', async () => {
    const simulator = await serve()
    await simulator.play('comms-loss')
    await simulator.play('plc-restart')
    await simulator.play('slow-line', { delayMs: 1 })
    for (const over of ['plc-restart', 'slow-line']) {
      await simulator.stopPlay(over)
      await using client = await rawClient(simulator.modbusPort)
      client.send(frame(7, 1, READ))
      const since = simulator.scene?.elapsed ?? 0
      await until(() => (simulator.scene?.elapsed ?? 0) > since + 5, { what: 'five seconds of the plant' })
      expect(client.received()).toHaveLength(0)
    }
    await simulator.stopPlay('comms-loss')
    await using client = await rawClient(simulator.modbusPort)
    expect(await client.ask(READ)).toEqual(ANSWER)
  })
})

describe('the OPC UA face of a PLC that cannot be reached', () => {
  it('cuts everybody off, lets nobody in, and is back with its line and its supply', async () => {
    const folder = await temporaryFolder()
    const config = Scenario.parse({
      ...{ speed: 20, modbus: { port: 0 }, operator: { enabled: false } },
      opcua: { port: 0, pki: join(folder, 'pki'), anonymous: 'observer', security: { policies: ['None'], modes: ['None'] } }
    })
    const simulator = new Simulator({ config, log: quietLog() })
    started.push(simulator)
    await simulator.start()
    const port = simulator.opcua?.port ?? 0
    const connects = async () => {
      const socket = connect({ port, host: '127.0.0.1' })
      const isThrough = await once(socket, 'connect').then(
        () => true,
        () => false
      )
      socket.destroy()
      return isThrough
    }
    for (const fault of ['comms-loss', 'plc-restart']) {
      expect(await connects()).toBe(true)
      await using held = await opcuaClient({ port })
      await simulator.play(fault)
      await until(async () => !(await connects()), { what: `no OPC UA under ${fault}` })
      await expect(held.session.read({ nodeId: 'ns=1;s=tower.level', attributeId: AttributeIds.Value })).rejects.toThrow()
      await simulator.stopPlay(fault)
      await until(connects, { what: `OPC UA after ${fault}` })
      await using again = await opcuaClient({ port })
      expect((await again.session.read({ nodeId: 'ns=1;s=tower.level', attributeId: AttributeIds.Value })).statusCode.name).toBe('Good')
    }
    // A server that is cut off can be stopped too.
    await simulator.play('comms-loss')
    await until(async () => !(await connects()), { what: 'no OPC UA' })
  }, 60_000)
})
