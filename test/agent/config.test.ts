// The agent's config: what is inherited, and what a broken file tells, with every fault in its place and in both languages.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Language } from '#contract/text.ts'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { check } from '../../agent/commands/check.ts'
import { AgentConfig } from '../../agent/config.ts'
import { parsePlace } from '../../agent/modbus/place.ts'
import { resolveDevice } from '../../agent/modbus/resolve.ts'
import { isModbus, planOf } from '../../agent/resolve.ts'
import { temporaryFolder } from '../parts/wait.ts'

const checkAgent = async (options: Parameters<typeof check>[0]) => (await check(options)).text

const HEAD = `agent: edge-1
site: { id: east-water, title: { zh: 东区水厂, en: East Waterworks }, sector: water }
broker: { url: mqtt://127.0.0.1:1883 }
outbox: { file: outbox.db }
`

async function fileOf(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'agent.yaml')
  await writeFile(file, text)
  return file
}

async function faultsOf(text: string, language: Language = 'en'): Promise<string[]> {
  const file = await fileOf(text)
  try {
    await readConfig({ file, schema: AgentConfig, language })
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.message.replaceAll(file, '').split('\n')
  }
}

describe('the example', () => {
  it('is right, and its plan stays within the budget', async () => {
    const file = join(import.meta.dirname, '../../deploy/examples/agent.yaml')
    const english = await checkAgent({ file, language: 'en' })
    expect(english).toContain('ok: agent edge-1 of site east-water, 1 device(s), 38 tags')
    expect(english).toContain(
      'each 1000 ms  input-register 0..22 (300001..300023, function 4)  23 in all (0 unused)  12+55 bytes  18 tag(s): tower.level, tower.inflow'
    )
    expect(english).toContain('4.00 requests a second, 80% of the budget of 5')
    expect(await checkAgent({ file, language: 'zh-CN' })).toContain('合计每秒 4.00 次请求，占预算 5 次的 80%')
  })

  it('holds the registers that simulator and rules know', async () => {
    const { config } = await readConfig({ file: join(import.meta.dirname, '../../deploy/examples/agent.yaml'), schema: AgentConfig })
    const tags = config.devices.flatMap((device) => planOf(device, config.defaults).resolved.tags.map(({ tag }) => tag))
    const find = (name: string) => tags.find((tag) => tag.name === name)
    expect(find('tower.level')).toMatchObject({
      address: 'input-register 0..1 of unit 1',
      dataType: 'float',
      unit: 'm',
      range: { low: 0, high: 6 },
      cadenceMs: 1000,
      heartbeatMs: 10_000
    })
    expect(find('volume.total')).toMatchObject({ address: 'input-register 18..19 of unit 1', dataType: 'integer', role: 'measurement' })
    expect(find('chlorine.setpoint')).toMatchObject({ address: 'holding-register 2 of unit 1', role: 'setpoint' })
    expect(find('pump1.auto')).toMatchObject({ address: 'coil 0 of unit 1', role: 'command', dataType: 'bool' })
    expect(find('power.ok')).toMatchObject({ address: 'discrete-input 7 of unit 1', role: 'status' })
  })
})

describe('a broken file', () => {
  const BROKEN = `${HEAD}publish: { maxDelayMs: 1 }
devices:
  - id: plc-1
    protocol: modbus-tcp
    host: 10.0.0.5
    forbidden: [{ table: holding-register, from: 100, to: 120 }]
    tags:
      - { name: a, at: holding 99 float32 }
      - { name: a, at: holding 1 uint16, cadenceMs: 100 }
  - id: plc-1
    protocol: modbus-tcp
    host: 10.0.0.5
    tags:
      - { name: b, at: holding 65535 uint32 }
      - { name: c, at: coil 0 }
      - { name: d, at: input 0 uint16 }
      - { name: e, at: discrete 0 }
      - { name: f, at: holding 1000 uint16 }
      - { name: g, at: holding 2000 uint16 }
  - id: plc-3
    protocol: modbus-tcp
    host: 10.0.0.7
    tags:
      - { name: h, at: holding ten uint16 }
      - { name: i, at: holding 1 bool }
      - { name: j, at: coil 1, scale: 0.1 }
      - { name: k }
      - { name: l, table: input-register, address: 3, type: bit }
      - { name: m, at: holding 3 bit:16 }
      - { name: n, at: holding 3 uint16, colour: red }
`

  it('tells every fault with line and column', async () => {
    expect(await faultsOf(BROKEN)).toEqual([
      ':5:24 publish.maxDelayMs: Too small: expected number to be >=10',
      ':7:5 devices.0.budget.requestsPerSecond: the plan of device plc-1 needs 11.00 requests a second, 6.00 more than its budget of 5; read more slowly, move addresses together or raise the budget',
      ':12:24 devices.0.tags.0.at: a lies in the forbidden addresses 100..120',
      ':13:17 devices.0.tags.1.name: tag name a is used twice (devices.0.tags.0 has it)',
      ':13:53 devices.0.tags.1.cadenceMs: a is read each 100 ms; the device allows 200 ms',
      ':14:5 devices.1.unit: unit 1 at 10.0.0.5:502 is read twice (devices.0 has it)',
      ':14:5 devices.1.budget.requestsPerSecond: the plan of device plc-1 needs 6.00 requests a second, 1.00 more than its budget of 5; read more slowly, move addresses together or raise the budget',
      ':14:9 devices.1.id: device id plc-1 is used twice (devices.0 has it)',
      ':18:24 devices.1.tags.0.at: b goes beyond address 65535',
      ':28:24 devices.2.tags.0.at: must look like "holding 10 float32 CDAB", "coil 3", "input 4 bit:7", "holding 20 string:16" or "400011 int16"',
      ':29:24 devices.2.tags.1.at: one bit of a register is of type bit',
      ':30:39 devices.2.tags.2.scale: goes with numbers only',
      ':31:17 devices.2.tags.3.name: needs at, or table and address',
      ':32:61 devices.2.tags.4.type: type bit needs the number of the bit (0 to 15), no other type has one',
      ':33:24 devices.2.tags.5.at: a register has the bits 0 to 15',
      ':34:42 devices.2.tags.6.colour: unknown key "colour"'
    ])
  })

  it('tells it in Chinese too', async () => {
    const faults = await faultsOf(BROKEN, 'zh-CN')
    expect(faults).toHaveLength(16)
    expect(faults).toContain(':12:24 devices.0.tags.0.at: a 位于禁读地址 100..120')
    expect(faults).toContain(
      ':14:5 devices.1.budget.requestsPerSecond: 设备 plc-1 的读取计划需每秒 6.00 次请求，超出预算 5 达 1.00 次；请放慢周期、合并地址或提高预算'
    )
  })
})

describe('a plan', () => {
  const device = (more: string) => `${HEAD}devices:\n  - { id: p, protocol: modbus-tcp, host: h, ${more} }\n`

  it('that just fills the budget starts', async () => {
    expect(await faultsOf(device('cadenceMs: 200, tags: [{ name: a, at: coil 0 }]'))).toEqual([])
    expect(
      await faultsOf(
        device(
          'cadenceMs: 600, budget: { requestsPerSecond: 5 }, tags: [{ name: a, at: coil 0 }, { name: b, at: input 0 int16 }, { name: c, at: holding 0 int16 }]'
        )
      )
    ).toEqual([])
  })

  it('reads a tag with what it inherits from device and agent', async () => {
    const text = `${HEAD}defaults: { cadenceMs: 2000, deadband: 0.5, order: CDAB }
devices:
  - id: p
    protocol: modbus-tcp
    host: h
    cadenceMs: 5000
    tags:
      - { name: a, at: holding 0 uint32 }
      - { name: b, at: holding 2 uint32 ABCD, cadenceMs: 1000, deadband: 0 }
`
    const { config } = await readConfig({ file: await fileOf(text), schema: AgentConfig })
    const [first] = config.devices
    const tags = first === undefined || !isModbus(first) ? [] : resolveDevice(first, config.defaults).tags
    expect(tags.map(({ tag, deadband }) => [tag.cadenceMs, tag.heartbeatMs, deadband])).toEqual([
      [5000, 60_000, 0.5],
      [1000, 60_000, 0]
    ])
    const words = Buffer.from([0, 1, 0, 2])
    expect(tags.map(({ decode }) => decode(words, 0).value)).toEqual([0x20001, 0x10002])
  })
})

describe('a place', () => {
  it.each([
    ['holding 10 float32 CDAB', { table: 'holding-register', address: 10, type: 'float32', order: 'CDAB' }],
    ['input-register 7 cdab int32', { table: 'input-register', address: 7, type: 'int32', order: 'CDAB' }],
    ['  coil   3 ', { table: 'coil', address: 3 }],
    ['discrete 65535 bool', { table: 'discrete-input', address: 65_535, type: 'bool' }],
    ['holding 4 bit:7', { table: 'holding-register', address: 4, type: 'bit', bit: 7 }],
    ['holding 20 string:16 BADC', { table: 'holding-register', address: 20, type: 'string', length: 16, order: 'BADC' }],
    ['400001 int16', { table: 'holding-register', address: 0, type: 'int16' }],
    ['30010 uint16', { table: 'input-register', address: 9, type: 'uint16' }],
    ['00001', { table: 'coil', address: 0 }],
    ['465536 int16', { table: 'holding-register', address: 65_535, type: 'int16' }]
  ])('%s', (text, place) => {
    expect(parsePlace(text)).toEqual(place)
  })

  it.each([
    '',
    'holding',
    'holding x',
    'holding -1',
    'holding 65536 int16',
    'holding 1 int17',
    'holding 1 int16 int16',
    'holding 1 int16:3',
    'holding 1 bit:',
    '400000 int16',
    '200001',
    '465537 int16',
    'toString 1',
    'holding 1 ABCD CDAB'
  ])('not %j', (text) => {
    expect(parsePlace(text)).toBeUndefined()
  })
})
