// The example configs of agents: each is right as it stands, and so is what they show in comments.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { AgentConfig } from '../../agent/config.ts'
import { ModbusDevice } from '../../agent/modbus/config.ts'
import { describePlan } from '../../agent/plan-text.ts'
import { readConfig } from '../../runtime/config-file.ts'
import { temporaryFolder } from '../parts/wait.ts'

const folder = new URL('../../deploy/examples/', import.meta.url).pathname
const names = (await readdir(folder)).filter((name) => name.startsWith('agent'))

// A comment that begins with a key shows a setting; prose begins with a capital letter or speaks of more than a key.
const KEY = /^( *)# ([a-z][A-Za-z]*: .+)$/gm
const settingsIn = (text: string) => [...text.matchAll(KEY)].map(([, , setting = '']) => setting.slice(0, setting.indexOf(':')))
const withSettings = (text: string) =>
  text
    .replaceAll(KEY, '$1$2')
    .replaceAll('./secrets/plc-2', join(folder, 'agent.yaml'))
    .replace(/=\S+schema\.json/, '=none')

test('there is an example of each way to a device', async () => {
  expect(names).toEqual(['agent.compose.yaml', 'agent.opcua.yaml', 'agent.serial.yaml', 'agent.yaml'])
  const all = await Promise.all(names.map(async (name) => (await readConfig({ file: join(folder, name), schema: AgentConfig })).config))
  const protocols = new Set(all.flatMap(({ devices }) => devices.map(({ protocol }) => protocol)))
  expect([...protocols].sort()).toEqual(['modbus-ascii', 'modbus-rtu', 'modbus-rtu-over-tcp', 'modbus-tcp', 'opcua'])
})

describe.each(names)('%s', (name) => {
  it('has a plan within its budgets', async () => {
    const { config } = await readConfig({ file: join(folder, name), schema: AgentConfig })
    expect(describePlan(config, 'en')).toContain(`ok: agent ${config.agent}`)
    expect(describePlan(config, 'en')).not.toContain('warning')
  })
})

describe.each([
  ['agent.yaml', ['key', 'clock', 'metrics', 'publish', 'budget', 'quirks', 'maxGap', 'identify']],
  ['agent.opcua.yaml', ['opcua', 'user']]
])('the settings in the comments of %s', (name, settings) => {
  it('are right too', async () => {
    const text = await readFile(join(folder, name), 'utf8')
    expect(settingsIn(text)).toEqual(settings)
    const file = join(await temporaryFolder(), name)
    await writeFile(file, withSettings(text))
    const { config } = await readConfig({ file, schema: AgentConfig })
    expect(describePlan(config, 'en')).toContain(`ok: agent ${config.agent}`)
  })
})

describe.each(['en', 'zh-CN'] as const)('the page for who has to allow the agent (%s)', (language) => {
  it('shows the plan as it is printed, and the budget as it is by default', async () => {
    const page = await readFile(new URL(`../../docs/guides/${language}/what-it-does-to-a-plc.md`, import.meta.url), 'utf8')
    const { config } = await readConfig({ file: join(folder, 'agent.yaml'), schema: AgentConfig })
    const [, ...plan] = describePlan(config, language).split('\n')
    expect(page).toContain(plan.join('\n'))
    const { budget, maxGap } = ModbusDevice.parse({ id: 'plc-1', protocol: 'modbus-tcp', host: '10.0.0.5' })
    expect({ ...budget, maxGap }).toEqual({
      ...{ requestsPerSecond: 5, registersPerSecond: 625, minGapMs: 20, minCadenceMs: 200 },
      maxGap: 16
    })
    for (const [key, value] of [
      ['requestsPerSecond', 5],
      ['registersPerSecond', 625],
      ['minGapMs', 20],
      ['minCadenceMs', 200]
    ])
      expect(page).toMatch(new RegExp(`\\| [^|\\n]*\\b${value}\\b[^|\\n]*\\| \`budget\\.${key}\``))
    expect(page).toMatch(/\| [^|\n]*\b16\b[^|\n]*\| `maxGap`/)
  })
})
