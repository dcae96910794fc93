// Choosing devices and tags of a config, those of profiles among them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfig } from '#runtime/config-file.ts'
import { atOneCadence, chosen } from '../../../agent/commands/selection.ts'
import { AgentConfig } from '../../../agent/config.ts'
import { isModbus, planOf } from '../../../agent/resolve.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const PROFILES = ['eastron-sdm630', 'grundfos-boosters-cim', 'siemens-sitrans-f-m-mag6000', 'abb-aquamaster-3']

async function withProfiles(): Promise<AgentConfig> {
  const file = join(await temporaryFolder(), 'agent.yaml')
  const devices = PROFILES.map(
    (profile, i) => `  - { id: d${i}, protocol: modbus-tcp, host: 127.0.0.${i + 1}, port: 1, profile: ${profile} }`
  )
  const head = [
    'agent: a',
    'site: { id: s, title: { zh: 甲, en: A }, sector: water }',
    'broker: { url: mqtt://127.0.0.1:1 }',
    'outbox: { file: ./o.db }'
  ]
  await writeFile(file, [...head, 'devices:', ...devices].join('\n'))
  return (await readConfig({ file, schema: AgentConfig, language: 'en' })).config
}

const readsOf = (config: AgentConfig) =>
  config.devices.filter(isModbus).map((device) => {
    const { resolved, family } = planOf(device, config.defaults)
    if (family !== 'modbus') throw new Error('a Modbus device is expected')
    const { tags, groups, limits, minGapMs, quirks } = resolved
    const forms = tags.map(({ tag, span, deadband, form }) => ({ tag, span, deadband, form }))
    return { forms, groups, limits, minGapMs, quirks: { ...quirks, addressBase: 0 } }
  })

it('leaves out no device whose tags are those of a profile, and reads it as before', async () => {
  const config = await withProfiles()
  expect(readsOf(chosen(config, {}))).toEqual(readsOf(config))
})

it('chooses among the tags of a profile, and puts them all at one cadence', async () => {
  const config = await withProfiles()
  const [first] = planOf(config.devices[0] ?? expect.fail(), config.defaults).resolved.tags
  const name = first?.tag.name ?? ''
  const found = atOneCadence(chosen(config, { tags: [name] }))
  expect(found.devices.map(({ id }) => id)).toEqual(['d0'])
  expect(found.devices.flatMap((device) => planOf(device, found.defaults).resolved.tags.map(({ tag }) => tag.name))).toEqual([name])
  const all = atOneCadence(chosen(config, {}))
  for (const device of all.devices) expect(new Set(planOf(device, all.defaults).resolved.tags.map(({ tag }) => tag.cadenceMs)).size).toBe(1)
})
