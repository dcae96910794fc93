// What a plan tells before a device is touched: bytes, budgets, lines and what does not fit.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Language } from '#contract/text.ts'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../../agent/config.ts'
import { bytesOf, expectedMs } from '../../agent/modbus/wire-cost.ts'
import { planOf } from '../../agent/plan.ts'
import { describePlan } from '../../agent/plan-text.ts'
import { temporaryFolder } from '../parts/wait.ts'

const HEAD = `agent: edge-1
site: { id: east-water, title: { zh: 东区水厂, en: East Waterworks }, sector: water }
broker: { url: mqtt://127.0.0.1:1883 }
outbox: { file: outbox.db }
devices:
`

async function configOf(devices: string, language: Language = 'en'): Promise<AgentConfig> {
  const file = join(await temporaryFolder(), 'agent.yaml')
  await writeFile(file, HEAD + devices)
  const { config } = await readConfig({ file, schema: AgentConfig, language })
  return config
}

const faultsOf = async (devices: string, language?: Language): Promise<string[]> => {
  try {
    await configOf(devices, language)
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.faults.map(({ line, path, message }) => `${line} ${path}: ${message}`)
  }
}

const GATEWAY = `
  - { id: a, protocol: modbus-tcp, host: gw, unit: 1, maxGap: 4, forbidden: [{ table: coil, from: 9, to: 99 }],
      tags: [{ name: a.x, at: holding 0 float32 }, { name: a.y, at: holding 4 uint16, cadenceMs: 1000 }, { name: a.b, at: coil 8 }] }
  - { id: b, protocol: modbus-tcp, host: GW, unit: 2, timeoutMs: 3000, cadenceMs: 500, tags: [{ name: b.x, at: input 0 int16 }] }
`

describe('a plan', () => {
  it('holds every request with what it takes on the wire and of the budgets', async () => {
    const { devices, lines } = planOf(await configOf(GATEWAY))
    expect(devices[0]).toMatchObject({
      id: 'a',
      endpoint: 'gw:502',
      unit: 1,
      requests: [
        {
          functionCode: 1,
          table: 'coil',
          from: 8,
          to: 8,
          numbers: ['000009', '000009'],
          count: 1,
          requestBytes: 12,
          replyBytes: 10,
          tags: ['a.b']
        },
        { functionCode: 3, from: 0, to: 4, numbers: ['400001', '400005'], count: 5, unused: 2, requestBytes: 12, replyBytes: 19 }
      ],
      requestsPerSecond: 2,
      registersPerSecond: 5 + 1 / 16,
      bytesPerSecond: 12 + 10 + 12 + 19,
      budget: { requestsPerSecond: 5, registersPerSecond: 625, minGapMs: 20 },
      requestShare: 0.4,
      lineShare: 0.08,
      forbidden: [{ table: 'coil', from: 9, to: 99 }]
    })
    expect(lines).toMatchObject([{ endpoint: 'gw:502', units: [1, 2], requestsPerSecond: 4, registersPerSecond: 7 + 1 / 16 }])
    expect(JSON.parse(JSON.stringify(planOf(await configOf(GATEWAY))))).toEqual(planOf(await configOf(GATEWAY)))
  })

  it('says it in both languages, with what the units on one line do to each other', async () => {
    const config = await configOf(GATEWAY)
    const english = describePlan(config, 'en').split('\n')
    expect(english).toContain(
      '  each 1000 ms  holding-register 0..4 (400001..400005, function 3)  5 in all (2 unused)  12+19 bytes  2 tag(s): a.x, a.y'
    )
    expect(english).toContain('  each 1000 ms  coil 8 (000009, function 1)  1 in all (0 unused)  12+10 bytes  1 tag(s): a.b')
    expect(english).toContain('  5.1 registers a second, 1% of the budget of 625; 53 bytes a second both ways, line busy 8% as expected')
    expect(english).toContain('  never read: coil 9..99')
    expect(english).toContain('gw:502  2 units (1, 2) together: 4.00 requests a second, 7.1 registers, line busy 16% as expected')
    expect(english.filter((line) => line.startsWith('warning'))).toEqual([
      'warning: a holds the line for 1000 ms when it does not answer, longer than the cadence of b beside it (500 ms); lower its timeoutMs, or cycles of the other are left out',
      'warning: b holds the line for 3000 ms when it does not answer, longer than the cadence of a beside it (1000 ms); lower its timeoutMs, or cycles of the other are left out'
    ])
    const chinese = describePlan(config, 'zh-CN')
    expect(chinese).toContain('  永不读取：coil 9..99')
    expect(chinese).toContain('注意：b 不应答时占线 3000 毫秒，长于同线设备 a 的周期 1000 毫秒')
    expect(chinese).not.toMatch(/second|bytes/)
  })

  it('says when a device is asked what it is', async () => {
    const device = (more: string) => `  - { id: a, protocol: modbus-tcp, host: h, ${more} tags: [{ name: x, at: coil 0 }] }\n`
    expect(describePlan(await configOf(device('')), 'en')).not.toContain('what it is')
    const config = await configOf(device('identify: true, serverId: true,'))
    expect(describePlan(config, 'en')).toContain(
      '  asked what it is (function 43/14, 17) after connecting and each 24 h, in at most 17 request(s)'
    )
    expect(describePlan(config, 'zh-CN')).toContain('（功能码 43/14, 17），最多 17 次请求')
    expect(planOf(config).devices[0]).toMatchObject({ identity: { functions: [43, 17], everyHours: 24, mostRequests: 17 } })
  })

  it('warns when a budget is full to the brim', async () => {
    const config = await configOf('  - { id: a, protocol: modbus-tcp, host: h, cadenceMs: 200, tags: [{ name: x, at: coil 0 }] }\n')
    expect(describePlan(config, 'en')).toContain(
      'warning: a takes 100% of its budget; now and then a cycle will be left out and told as a gap'
    )
  })

  it('does not start when it needs more registers than the budget has, or a line that is too slow', async () => {
    const wide =
      '  - { id: a, protocol: modbus-tcp, host: h, budget: { registersPerSecond: 40 }, tags: [{ name: x, at: holding 0 uint16 }, { name: y, at: holding 10 string:60 }, { name: z, at: holding 90 string:90 }] }\n'
    expect(await faultsOf(wide)).toEqual([
      '6 devices.0.budget.registersPerSecond: the plan of device a needs 85.0 registers a second, more than its budget of 40; read more slowly, lower maxGap or raise the budget',
      '6 devices.0.tags.2.at: z takes 45 addresses; one request reads at most 40'
    ])
    const serial = (baudRate: number) =>
      [1, 2]
        .map(
          (unit) =>
            `  - { id: s${unit}, protocol: modbus-rtu, unit: ${unit}, line: { path: /dev/ttyS9, baudRate: ${baudRate} }, tags: [{ name: n${unit}, at: holding 0 string:120 }, { name: m${unit}, at: input 0 string:120 }] }\n`
        )
        .join('')
    expect(await faultsOf(serial(9600))).toEqual([])
    expect(await faultsOf(serial(1200))).toEqual([
      '6 devices.0.line: the plans on /dev/ttyS9 need 525% of the line; read more slowly, raise the baud rate or use more lines'
    ])
    expect(await faultsOf(serial(1200), 'zh-CN')).toEqual([
      '6 devices.0.line: /dev/ttyS9 上的读取计划需占线 525%；请放慢周期、提高波特率或分到多条线路'
    ])
  })
})

it.each([
  ['mbap', 12, 9 + 20, 9 + 2],
  ['rtu', 8, 5 + 20, 5 + 2],
  ['ascii', 17, 11 + 40, 11 + 4]
] as const)('%s frames: %i bytes ask, %i bring ten registers, %i bring ten coils', (frames, request, registers, coils) => {
  expect(bytesOf(frames, { table: 'holding-register', count: 10 })).toEqual({ request, reply: registers })
  expect(bytesOf(frames, { table: 'coil', count: 10 })).toEqual({ request, reply: coils })
})

it('a serial line takes the time of its characters', () => {
  const line = { over: 'serial', frames: 'rtu', path: '/dev/ttyS9', dataBits: 8, stopBits: 1, connectTimeoutMs: 1000 } as const
  // 8 + 25 bytes and 7 of silence, 11 bits each: 440 bits.
  expect(expectedMs({ ...line, baudRate: 4400, parity: 'even' }, { table: 'input-register', count: 10 })).toBeCloseTo(110, 6)
  expect(expectedMs({ ...line, baudRate: 4000, parity: 'none' }, { table: 'input-register', count: 10 })).toBeCloseTo(110, 6)
})
