// Clients that others wrote read and write the waterworks' PLC: pymodbus over both framings, and libmodbus.
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import type { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { createWorks } from '../../../simulators/works.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const run = promisify(execFile)
const part = (name: string) => fileURLToPath(new URL(`../../parts/third-party/${name}`, import.meta.url))
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function serve(framing: 'tcp' | 'rtu-over-tcp'): Promise<{ port: string; image: RegisterImage; vendor: string }> {
  const { plc, map } = await createWorks('water', { seed: 3 })
  for (let i = 0; i < 50; i++) plc.scan()
  const config = ModbusServerConfig.parse({ port: 0, unit: 5, framing })
  const server = new ModbusPlc({ image: plc.image, config, identity: map.identity })
  await server.start()
  stops.push(() => server.stop())
  return { port: String(server.port), image: plc.image, vendor: map.identity.vendor }
}

// After what every client writes.
const written = ({ holdingRegisters }: RegisterImage) => [...holdingRegisters.subarray(0, 7)]
const bits = (table: Uint8Array, count: number) => [...table.subarray(0, count)]

const Read = z.object({
  input: z.array(z.number()),
  discrete: z.array(z.boolean()),
  holding: z.array(z.number()),
  coils: z.array(z.boolean()),
  gap: z.number(),
  identity: z.record(z.string(), z.string())
})

describe('the waterworks', () => {
  it.each(['tcp', 'rtu-over-tcp'] as const)('is read and written by pymodbus over %s', { timeout: 60_000 }, async (framing) => {
    const { port, image, vendor } = await serve(framing)
    const before = written(image)
    const words = [part('pymodbus-client.py'), port, '5', ...(framing === 'tcp' ? [] : ['rtu'])]
    const { stdout } = await run('/usr/bin/python3', words, { timeout: 50_000 })
    const read = Read.parse(JSON.parse(stdout))
    expect(read.input).toEqual([...image.inputRegisters.subarray(0, 23)])
    expect(read.discrete.map(Number)).toEqual(bits(image.discreteInputs, 8))
    expect(read.holding).toEqual([310, 460, 611, before[3], ((before[4] ?? 0) & 0xff00) | 0x12, 950, before[6]])
    expect(read.holding).toEqual(written(image))
    expect(read.coils).toEqual([true, false, true, true, true])
    expect(read.coils.map(Number)).toEqual(bits(image.coils, 5))
    expect(read.gap).toBe(2)
    expect(read.identity['0']).toBe(vendor)
  })

  it('is read and written by libmodbus', { timeout: 60_000 }, async () => {
    const client = join(await temporaryFolder(), 'client')
    execFileSync('gcc', ['-O2', '-o', client, part('libmodbus-client.c'), '-lmodbus'])
    const { port, image } = await serve('tcp')
    const before = written(image)
    const { stdout } = await run(client, [port, '5'], { timeout: 50_000 })
    const lines = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line): [string, string] => [line.split(' ')[0] ?? '', line.replace(/^\S+ /, '')])
    )
    expect(lines.get('input')).toBe(image.inputRegisters.subarray(0, 23).join(' '))
    expect(lines.get('discrete')).toBe(image.discreteInputs.subarray(0, 8).join(' '))
    expect(lines.get('holding')).toBe([310, 460, 611, before[3], ((before[4] ?? 0) & 0xff00) | 0x12, 950, before[6]].join(' '))
    expect(lines.get('holding')).toBe(written(image).join(' '))
    expect(lines.get('coils')).toBe(bits(image.coils, 5).join(' '))
    expect(lines.get('gap')).toBe('refused')
  })
})
