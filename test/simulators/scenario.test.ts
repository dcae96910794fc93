import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { checkSimulator } from '../../simulators/main.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { temporaryFolder } from '../parts/wait.ts'

const root = new URL('../..', import.meta.url).pathname

async function fileOf(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'scenario.yaml')
  await writeFile(file, text)
  return file
}

async function faultsOf(text: string, language: 'zh-CN' | 'en' = 'en'): Promise<string[]> {
  try {
    await checkSimulator({ file: await fileOf(text), language })
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.faults.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
  }
}

describe('a scenario', () => {
  const shipped = [
    ...readdirSync(`${root}simulators/scenarios`).map((name) => `simulators/scenarios/${name}`),
    'deploy/examples/simulator.yaml'
  ]
  it.each(shipped)('%s is sound', async (file) => {
    expect(await checkSimulator({ file: root + file, language: 'en' })).toContain('sound')
    expect(await checkSimulator({ file: root + file, language: 'zh-CN' })).toContain('无误')
  })

  it('ships one for the demo, the quiet day and each attack', () => {
    const files = readdirSync(`${root}simulators/scenarios`)
    for (const name of ['demo', 'pump-stop', 'quiet-day', 'sensor-freeze', 'setpoint-tamper']) expect(files).toContain(`${name}.yaml`)
  })

  it('has a whole plant by default, and paths from its own folder', async () => {
    const file = await fileOf('labels: truth.jsonl\ntimeline: [{ at: "01:02:03", attack: pump-stop }]\n')
    const { config } = await readConfig({ file, schema: Scenario })
    expect(config).toMatchObject({
      site: 'east-water',
      speed: 1,
      startsAt: 8 * 3600,
      modbus: { host: '127.0.0.1', port: 1502, unit: 1 },
      labels: file.replace('scenario.yaml', 'truth.jsonl'),
      timeline: [{ at: 3723, attack: 'pump-stop', with: { pump: 'lead' } }]
    })
  })

  it('tells all faults at once, each with its line', async () => {
    const faults = await faultsOf(
      [
        'speed: 0',
        'modbus:',
        '  port: 70000',
        '  units: 1',
        'timeline:',
        '  - at: 1 minute',
        '    attack: pump-stop',
        '    with: { pump: 3 }',
        '  - at: "00:01:00"',
        '    attack: earthquake'
      ].join('\n')
    )
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
      '1:8 speed',
      '3:9 modbus.port',
      '4:3 modbus.units',
      '6:9 timeline.0.at',
      '8:19 timeline.0.with.pump',
      expect.stringMatching(/^(9|10):\d+ timeline\.1\.attack$/)
    ])
    expect(faults[3]).toContain('hours:minutes:seconds')
  })

  it('tells them in Chinese too', async () => {
    expect((await faultsOf('startsAt: monday', 'zh-CN'))[0]).toContain('应为星期与时刻')
    const step = (attack: string, given: string) => `  - { at: "00:01", attack: ${attack}, with: ${given} }`
    const timeline = ['timeline:', step('pump-stop', '{ pump: 3 }'), step('unit-scan', '{ last: 999, x: 1 }')].join('\n')
    const faults = await faultsOf(timeline, 'zh-CN')
    expect(faults).toHaveLength(3)
    for (const fault of faults) expect(fault).toMatch(/: [\u4e00-\u9fff]/)
    for (const fault of await faultsOf(timeline)) expect(fault).not.toMatch(/[\u4e00-\u9fff]/)
  })

  it('says of a sound scenario what simulate cannot play of it', async () => {
    const check = async (text: string, language: 'zh-CN' | 'en') =>
      (await checkSimulator({ file: await fileOf(text), language })).split('\n')
    const timeline =
      'timeline: [{ at: "00:01", attack: spoofed-reply }, { at: "00:02", attack: agent-stopped }, { at: "00:03", attack: unit-scan }]'
    expect(await check(timeline, 'en')).toEqual([
      expect.stringContaining('sound'),
      expect.stringMatching(/^Warning: simulate will not play spoofed-reply @ 60 s: that needs .*modbus\.path/),
      expect.stringMatching(/^Warning: simulate will not play agent-stopped @ 120 s: that needs .*penstock range run/)
    ])
    expect(await check(`modbus: { path: { port: 0 } }\n${timeline}`, 'zh-CN')).toEqual([
      expect.stringContaining('无误'),
      expect.stringMatching(/^注意：simulate 不会播放 agent-stopped @ 120 s：/)
    ])
  })

  it('takes as much of a trouble as there can be', async () => {
    const step = (at: number, given: string) => `  - { at: "0${at}:00", for: "00:10", fault: breakdown, with: ${given} }`
    const text = [
      'timeline:',
      step(1, '{ what: valve-hangs, amount: 1000 }'),
      step(2, '{ what: leak, amount: 1000000 }'),
      step(3, '{ what: power, amount: 0 }'),
      step(4, '{ what: power, amount: 2 }'),
      step(5, '{ what: leak, amount: 200 }'),
      step(6, '{ what: power, amount: 1 }'),
      step(7, '{ what: valve-hangs, amount: 1 }'),
      step(8, '{ what: drought, amount: 0 }')
    ].join('\n')
    expect((await faultsOf(text)).map((fault) => fault.replace(/^(\d+):\d+ /, '$1 '))).toEqual([
      '2 timeline.0.with.amount: valve-hangs must be above 0 and at most 1 (0..1)',
      '3 timeline.1.with.amount: leak must be above 0 and at most 200 (m3/h)',
      '4 timeline.2.with.amount: power is there or is not: its amount can only be 1',
      '5 timeline.3.with.amount: power is there or is not: its amount can only be 1',
      '9 timeline.7.with.amount: drought must be above 0 and at most 20 (m)'
    ])
    expect((await faultsOf(text, 'zh-CN')).map((fault) => fault.replace(/^.*?: /, ''))).toEqual([
      'valve-hangs 须大于 0 且不超过 1（0..1）',
      'leak 须大于 0 且不超过 200（m3/h）',
      'power 只有有无之分：amount 只能是 1',
      'power 只有有无之分：amount 只能是 1',
      'drought 须大于 0 且不超过 20（m）'
    ])
  })

  it('refuses an attack that starts while it is still being played', async () => {
    const step = (at: string, more = '') => `  - { at: "${at}", attack: sensor-freeze${more} }`
    expect(await faultsOf(['timeline:', step('00:01:00'), step('00:05:00')].join('\n'))).toEqual([
      expect.stringContaining('3:11 timeline.1.at')
    ])
    expect(await faultsOf(['timeline:', step('00:05:00'), step('00:01:00', ', for: "00:10:00"')].join('\n'))).toEqual([
      expect.stringContaining('2:11 timeline.0.at')
    ])
    expect(await faultsOf(['timeline:', step('00:01:00', ', for: "00:02:00"'), step('00:05:00')].join('\n'))).toEqual([])
    const until = (at: string) => faultsOf(['timeline:', step(at), step('00:01:00', ', for: "00:02:00"')].join('\n'))
    expect(await until('00:03:00')).toEqual([])
    expect(await until('00:02:59')).toEqual([expect.stringContaining('sensor-freeze is still being played')])
  })

  it('tells what is wrong with the timeline beside what is wrong with everything else', async () => {
    const faults = await faultsOf(
      [
        'plant: gas',
        'seed: seven',
        'lasts: "02:00"',
        'timeline:',
        '  - { at: "00:10", attack: sensor-freeze, with: { tag: tower.level } }',
        '  - { at: "00:20", attack: chlorine-overdose }',
        '  - { at: "00:30", attack: register-scan, with: { first: 900, last: 12 } }',
        '  - { at: "02:00", attack: odorant-stop }',
        '  - { at: "01:00", for: "01:01", attack: unit-scan }',
        '  - { at: "00:40", attack: opcua-write }',
        '  - { at: "00:00:59", attack: replay }',
        '  - { at: "00:50", for: "00:00", fault: breakdown, with: { what: pump1-trip } }',
        '  - { at: "00:50", fault: sensor-drift, with: { tag: outlet.pressure, percentPerDay: 400 } }',
        '  - { at: "00:50", attack: setpoint-tamper, with: { tag: outlet.pressure-setpoint, value: 66 } }',
        '  - { at: "00:50", attack: rogue-write, with: { tag: line1.open, value: 2 } }',
        '  - { at: "00:51", attack: earthquake, fault: leak }',
        '  - { at: "00:52" }',
        '  - noon'
      ].join('\n')
    )
    expect(faults.map((fault) => fault.replace(/^(\d+):\d+ /, '$1 ').replace(/(: .{24}).*$/, '$1'))).toEqual([
      '2 seed: Invalid input: expected ',
      '5 timeline.0.with.tag: there is no tag tower.le',
      '6 timeline.1.attack: chlorine-overdose is not',
      '7 timeline.2.with.last: must not lie before firs',
      '8 timeline.3.at: the scenario is over by ',
      '9 timeline.4.for: is longer than the scena',
      '10 timeline.5.attack: opcua-write needs opcua:',
      '11 timeline.6.at: replay needs something t',
      '12 timeline.7.for: must be longer than noth',
      '12 timeline.7.with.what: a gas plant has no troub',
      '13 timeline.8.with.percentPerDay: Too big: expected number',
      '14 timeline.9.with.value: the register of outlet.p',
      '15 timeline.10.with.value: the register of line1.op',
      '16 timeline.11.attack: Invalid option: expected',
      '16 timeline.11.fault: Invalid option: expected',
      '17 timeline.12: needs either attack or f',
      '18 timeline.13: Invalid input: expected '
    ])
  })

  it('takes such an attack where the scenario has made ready for it', async () => {
    const timeline = ['timeline:', '  - { at: "00:01", for: "00:59", attack: replay }', '  - { at: "00:02", attack: opcua-write }']
    expect(await faultsOf(['lasts: "01:00"', 'opcua: { port: 4840, pki: ./pki, anonymous: operator }', ...timeline].join('\n'))).toEqual([])
    const write = '  - { at: "00:02", attack: opcua-write, with: { tag: chlorine.setpoint, value: 1000 } }'
    expect(await faultsOf(['opcua: { port: 4840, pki: ./pki, anonymous: operator }', 'timeline:', write].join('\n'))).toEqual([
      expect.stringContaining('timeline.0.with.value: the register of chlorine.setpoint cannot hold 1000')
    ])
  })

  it('refuses the same attack twice at once, also when its tags differ, but not two faults of different tags', async () => {
    const step = (kind: string, tag: string) => `  - { at: "00:05", for: "00:10", ${kind}, with: { tag: ${tag} } }`
    const both = (kind: string) => faultsOf(['timeline:', step(kind, 'tower.level'), step(kind, 'zone.pressure')].join('\n'))
    expect(await both('attack: sensor-freeze')).toEqual([
      expect.stringContaining('3:11 timeline.1.at: sensor-freeze is still being played')
    ])
    expect(await both('fault: sensor-dropout')).toEqual([])
  })

  it.each([
    ['an alias bomb', ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...bombs(6)], 'alias'],
    ['an alias of itself', ['timeline: &t', '  - *t'], 'inside the node that it names'],
    ['a nest', [`${'['.repeat(20_000)}`], ''],
    ['more steps than anybody plays', ['timeline:', ...Array<string>(1001).fill('  - { at: "00:01", fault: comms-loss }')], 'timeline'],
    ['more bytes than are read', [`# ${'x'.repeat(5 << 20)}`], 'too large']
  ])('with %s is refused at once, and tells so in a few lines', async (_, lines, said) => {
    const faults = await faultsOf(lines.join('\n'))
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.length).toBeLessThanOrEqual(1001)
    expect(faults[0]).toContain(said)
    for (const fault of faults) expect(fault.length).toBeLessThan(400)
  })

  it('of any text is either sound or told with its places', async () => {
    const words = fc.constantFrom(
      'at',
      'for',
      'attack',
      'fault',
      'with',
      'timeline',
      'plant',
      'pump-stop',
      '"00:01"',
      '{',
      '}',
      '[',
      ']',
      ':',
      '-',
      '*a',
      '&a',
      '\n',
      ' '
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 40 }), async (parts) => {
        for (const fault of await faultsOf(parts.join(' '))) expect(fault).toMatch(/^[1-9]\d*:[1-9]\d* /)
      }),
      { numRuns: 100 }
    )
  })
})

function bombs(levels: number): string[] {
  return Array.from({ length: levels }, (_, i) => {
    const [name, before] = [String.fromCharCode(98 + i), String.fromCharCode(97 + i)]
    return `${name}: &${name} [${Array<string>(10).fill(`*${before}`).join(', ')}]`
  })
}
