// No two ports of a town are the same, however those of its scenario lie.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Scenario } from '../../simulators/scenario.ts'
import { type SimulateOptions, townOf } from '../../simulators/town.ts'
import { checkRoom, movedOn } from '../../simulators/town-ports.ts'
import { temporaryFolder } from '../parts/wait.ts'

const asked = (more: Partial<SimulateOptions>) => townOf({ plants: [], language: 'en', attack: [], fault: [], ...more })

async function fileOf(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'scenario.yaml')
  await writeFile(file, text)
  return file
}

const withPath = (port: number, path: number) => fileOf(`modbus: { port: ${port}, path: { port: ${path} } }`)
const usageFault = (message: string) => expect.objectContaining({ code: 'USAGE_FAULT', message: expect.stringContaining(message) })

describe('the ports of a town', () => {
  it('go on one after the other, those of the ways of attackers too', async () => {
    const town = await asked({ config: await withPath(1600, 1700), count: 3 })
    expect(town.map(({ modbus }) => [modbus.port, modbus.path?.port])).toEqual([
      [1600, 1700],
      [1601, 1701],
      [1602, 1702]
    ])
  })

  it('go on in larger steps where they lie side by side', async () => {
    const town = await asked({ config: await withPath(1600, 1601), count: 3, opcua: { host: '127.0.0.1', port: 1602 } })
    expect(town.map(({ modbus, opcua }) => [modbus.port, modbus.path?.port, opcua?.port])).toEqual([
      [1600, 1601, 1602],
      [1603, 1604, 1605],
      [1606, 1607, 1608]
    ])
    const free = await asked({ config: await withPath(0, 0), count: 2 })
    expect(free.map(({ modbus }) => [modbus.port, modbus.path?.port])).toEqual([
      [0, 0],
      [0, 0]
    ])
  })

  it('never meet', () => {
    const plain = Scenario.parse({ opcua: { pki: './pki', anonymous: 'operator' } })
    const port = fc.integer({ min: 1, max: 3000 })
    fc.assert(
      fc.property(fc.uniqueArray(port, { minLength: 3, maxLength: 3 }), fc.integer({ min: 1, max: 60 }), ([a = 0, b = 0, c = 0], count) => {
        const { modbus, opcua } = plain
        if (opcua === undefined) throw new Error('no OPC UA')
        const scenario = { ...plain, modbus: { ...modbus, port: a, path: { port: b } }, opcua: { ...opcua, port: c } }
        const town = Array.from({ length: count }, (_, i) => movedOn(scenario, i, count))
        const ports = town.flatMap((one) => [one.modbus.port, one.modbus.path?.port, one.opcua?.port])
        expect(new Set(ports).size).toBe(3 * count)
        expect(ports.slice(0, 3)).toEqual([a, b, c])
        checkRoom(scenario, count)
      })
    )
  })

  it('are refused where there are too few, or where others have them', async () => {
    const modbus = { host: '::1', port: 65_530 }
    await expect(asked({ plants: ['water'], count: 10, modbus })).rejects.toEqual(usageFault('10 PLCs would need ports up to 65539'))
    await expect(asked({ config: await withPath(1600, 65_535), count: 2 })).rejects.toEqual(usageFault('up to 65536'))
    await expect(asked({ config: await withPath(1600, 1600) })).rejects.toEqual(
      usageFault('127.0.0.1:1600 is asked for twice: as Modbus of east-water and as modbus.path of east-water')
    )
    const web = { host: '0.0.0.0', port: 1605 }
    await expect(asked({ config: await withPath(1600, 1602), count: 3, web })).rejects.toEqual(
      usageFault('0.0.0.0:1605 is asked for twice: as modbus.path of east-water-2 and as --web')
    )
  })
})
