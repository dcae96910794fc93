// Clients that others wrote read and write the PLC of every plant, and understand its numbers as it means them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLANTS } from '../../../simulators/plants/plant.ts'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import type { Register } from '../../../simulators/plc/registers.ts'
import { isRegister, readTag, type TagRow } from '../../../simulators/plc/tag-map.ts'
import { createWorks, type Works } from '../../../simulators/works.ts'
import { MODBUS_CLIENTS, type ModbusClient, modbusClient, readCommand, writeCommand } from '../../parts/third-party/modbus-clients.ts'

const UNIT = 5
const HOLDING = 'holdingRegisters'

// What a client that knows the maker's manual makes of what it has read.
function meant({ place }: TagRow, text: string): number {
  return isRegister(place) ? Number(text) * place.scale + (place.offset ?? 0) : Number(text)
}

// A value that people could well write: the other end of its range, or the other state.
function otherValue({ place, range }: TagRow, before: number): { counts: number; value: number } {
  if (!isRegister(place)) return { counts: 1 - before, value: 1 - before }
  const { low, high } = range ?? { low: 0, high: 1 }
  const wanted = before - low < high - before ? low + (high - low) * 0.8 : low + (high - low) * 0.2
  const counts = (wanted - (place.offset ?? 0)) / place.scale
  const whole = place.format.startsWith('float') ? counts : Math.round(counts)
  return { counts: whole, value: whole * place.scale + (place.offset ?? 0) }
}

describe.each(PLANTS.flatMap((plant) => MODBUS_CLIENTS.map((name) => [plant, name] as const)))('the %s plant and %s', (plant, name) => {
  let works: Works
  let server: ModbusPlc
  let client: ModbusClient
  let rows: [string, TagRow][]

  beforeAll(async () => {
    works = await createWorks(plant, { seed: 3 })
    for (let i = 0; i < 200; i++) works.plc.scan()
    const framing = name.endsWith('rtu-over-tcp') ? 'rtu-over-tcp' : 'tcp'
    const { map, plc } = works
    server = new ModbusPlc({ image: plc.image, config: ModbusServerConfig.parse({ port: 0, unit: UNIT, framing }), identity: map.identity })
    await server.start()
    client = await modbusClient(name, { port: server.port, unit: UNIT })
    rows = Object.entries(map.tags)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await server.stop()
  })

  const value = (row: TagRow) => readTag(works.plc.image, row)
  const registers = (table: Register['table'], format?: string) =>
    rows.flatMap(([, { place }]) =>
      isRegister(place) && place.table === table && (format ?? place.format) === place.format ? [place] : []
    )

  it('reads every value: scaled, signed, in any order of words and bytes, packed in bits', async () => {
    for (const [tag, row] of rows) {
      const text = await client.ask(readCommand(row))
      expect(meant(row, text), `${tag}: ${text}`).toBeCloseTo(value(row), 4)
    }
    expect(new Set(rows.map(([, row]) => value(row))).size).toBeGreaterThan(20)
  })

  it('writes every setpoint and command, and puts it back', async () => {
    for (const [tag, row] of rows.filter(([, { role }]) => role === 'setpoint' || role === 'command')) {
      const before = value(row)
      const text = await client.ask(readCommand(row))
      const { counts, value: wanted } = otherValue(row, before)
      expect(await client.ask(writeCommand(row, counts)), tag).toBe('done')
      expect(value(row), tag).toBeCloseTo(wanted, 4)
      expect(await client.ask(writeCommand(row, Number(text))), tag).toBe('done')
      expect(value(row), tag).toBeCloseTo(before, 4)
    }
  })

  it('reads stretches, masks a register, and writes and reads in one request', async () => {
    const plain = registers(HOLDING, 'uint16')
    const first = plain.find((one) => plain.some(({ address }) => address === one.address + 1))
    if (first === undefined) throw new Error('the plant has two plain setpoints side by side')
    const second = first.address + 1
    const words = () => [...works.plc.image.holdingRegisters.subarray(first.address, first.address + 2)]
    const [one = 0, two = 0] = words()
    expect(await client.ask(`block ${HOLDING} ${first.address} 2`)).toBe(`${one} ${two}`)
    expect(await client.ask(`mask ${first.address} ${0xff00} ${0x12}`)).toBe('done')
    expect(words()).toEqual([(one & 0xff00) | 0x12, two])
    expect(await client.ask(`exchange ${first.address} 2 ${second} ${two + 1}`)).toBe(`${(one & 0xff00) | 0x12} ${two + 1}`)
    expect(words()[1]).toBe(two + 1)
    const { image } = works.plc
    expect(await client.ask('block coils 0 4')).toBe(image.coils.subarray(0, 4).join(' '))
  })

  it('is refused where nothing is, and told who answers', async () => {
    expect(await client.ask(`block ${HOLDING} 5000 1`)).toBe('exception 2')
    const last = Math.max(...registers('inputRegisters').map(({ address }) => address))
    expect(await client.ask(`block inputRegisters ${last} 20`)).toBe('exception 2')
    const { vendor } = works.map.identity
    expect(await client.ask('identity')).toContain(vendor)
  })
})
