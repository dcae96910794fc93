// The manners of PLCs over sockets: who is let in, who is told that it is busy, who hears nothing, and in which order replies come.
import { afterEach, describe, expect, it } from 'vitest'
import { CHARACTER_NAMES, CHARACTERS, type CharacterName } from '../../../simulators/plc/modbus-characters.ts'
import type { Exchange } from '../../../simulators/plc/modbus-exchange.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { rtuFrame } from '../../../simulators/plc/modbus-rtu.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const started: ModbusPlc[] = []
afterEach(async () => {
  for (const plc of started.splice(0)) await plc.stop()
})

async function serve(
  config: object,
  onExchange?: (exchange: Exchange) => void,
  onLateReply?: (exchange: Exchange) => void
): Promise<ModbusPlc> {
  const image = new RegisterImage({ coils: [], discreteInputs: [], inputRegisters: [], holdingRegisters: [[0, 99]] })
  for (let i = 0; i < 100; i++) image.holdingRegisters[i] = i
  // Long, short, long, short: were they not kept in order, every second reply would overtake.
  let turn = 0
  const chance = () => (turn++ % 2 === 0 ? 0.99 : 0)
  const plc = new ModbusPlc({ image, config: ModbusServerConfig.parse({ port: 0, ...config }), chance, onExchange, onLateReply })
  await plc.start()
  started.push(plc)
  return plc
}

const read = (address: number) => [3, 0, address, 0, 1]

describe('the character of a PLC', () => {
  it.each(CHARACTER_NAMES)('is told in both languages and answers: %s', async (character: CharacterName) => {
    expect(CHARACTERS[character].about).toMatchObject({ zh: expect.stringMatching(/\p{Script=Han}/u), en: expect.stringMatching(/\w/) })
    const plc = await serve({ character })
    await using client = await rawClient(plc.port)
    expect(await client.ask(read(7))).toEqual([3, 2, 0, 7])
  })

  it('lets replies take their time, none overtaking another', async () => {
    const late: (number | undefined)[] = []
    const plc = await serve({ responseDelayMs: 5, responseJitterMs: 60 }, undefined, ({ transaction }) => late.push(transaction))
    await using client = await rawClient(plc.port)
    client.send(Buffer.concat(Array.from({ length: 20 }, (_, i) => frame(i, 1, read(i)))))
    const replies = await client.take(20 * 11)
    const order = Array.from({ length: 20 }, (_, i) => i)
    expect(order.map((i) => replies.readUInt16BE(i * 11))).toEqual(order)
    expect(late).toEqual(order)
  })

  it('says busy to one request more than may wait, at once', async () => {
    const told: Exchange[] = []
    const plc = await serve({ responseDelayMs: 100, maxOutstanding: 2 }, (exchange) => told.push(exchange))
    await using client = await rawClient(plc.port)
    client.send(Buffer.concat([1, 2, 3].map((id) => frame(id, 1, read(id)))))
    expect([...(await client.take(9))]).toEqual([...frame(3, 1, [0x83, 6])])
    expect((await client.take(22)).readUInt16BE(11)).toBe(2)
    expect(plc.counts.busy).toBe(1)
    expect(told.map(({ reply }) => reply?.length ?? null)).toEqual([null, null, 2])
  })

  it('leaves other units without an answer where it is told so, its own by 0 and 255 too', async () => {
    const plc = await serve({ otherUnits: 'ignore', unit: 9 })
    await using client = await rawClient(plc.port)
    for (const [i, unit] of [1, 0, 255, 9].entries()) client.send(frame(i, unit, read(5)))
    expect([...(await client.take(11))]).toEqual([...frame(3, 9, [3, 2, 0, 5])])
    expect(client.received().length).toBe(0)
  })

  it('holds over serial frames as well, where a broadcast is still obeyed', async () => {
    const plc = await serve({ framing: 'rtu-over-tcp', character: 'gateway', responseDelayMs: 20, responseJitterMs: 20 })
    await using client = await rawClient(plc.port)
    client.send(rtuFrame(0, Uint8Array.of(6, 0, 5, 0, 77)))
    client.send(rtuFrame(1, Uint8Array.from(read(5))))
    expect([...(await client.take(7))]).toEqual([...rtuFrame(1, Uint8Array.of(3, 2, 0, 77))])
  })

  it.each(['tcp', 'rtu-over-tcp'] as const)(
    'still lets the reply to a restart go out before it ends the connection: %s',
    async (framing) => {
      const plc = await serve({ framing, responseDelayMs: 50 })
      await using client = await rawClient(plc.port)
      const restart = [8, 0, 1, 0, 0]
      const sent = framing === 'tcp' ? frame(1, 1, restart) : rtuFrame(1, Uint8Array.from(restart))
      client.send(sent)
      expect([...(await client.take(sent.length))]).toEqual([...sent])
      await until(() => client.closed() !== null, { what: 'the connection to be closed' })
    }
  )
})
