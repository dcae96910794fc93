import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  })
})
