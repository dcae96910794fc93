// Profiles: the tags of a make of device, taken by name or from a file, with every fault in its place.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Language } from '#contract/text.ts'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../../agent/config.ts'
import { planOf } from '../../agent/plan.ts'
import { profileOf } from '../../agent/profiles.ts'
import { planOf as resolvedOf } from '../../agent/resolve.ts'
import { temporaryFolder } from '../parts/wait.ts'

const PROFILE = `name: test-meter
maker: Nobody
family: A meter made up for this test
citation: { title: Register map of a meter made up for a test, document: none, revision: '1', page: '1' }
goldenCase: test/cases/profiles/test-meter
maxRegistersPerRead: 20
minGapMs: 100
forbidden: [{ table: input-register, from: 8, to: 9 }]
quirks: { pauseAfterConnectMs: 1000, addressBase: 1 }
cadenceMs: 5000
order: CDAB
tags:
  - { name: energy, at: input 1 uint32, unit: kWh }
  - { name: power, at: input 3 int32, scale: 0.1, unit: kW, cadenceMs: 1000 }
  - { name: flow, at: 300011 float32, unit: m3/h }
`

async function agentWith(devices: string, profile = PROFILE): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'maps'))
  await writeFile(join(folder, 'maps', 'meter.yaml'), profile)
  const head = `agent: edge-1
site: { id: east-water, title: { zh: 东区水厂, en: East Waterworks }, sector: water }
broker: { url: mqtt://127.0.0.1:1883 }
outbox: { file: outbox.db }
devices:
`
  await writeFile(join(folder, 'agent.yaml'), head + devices)
  return join(folder, 'agent.yaml')
}

const device = (more: string, id = 'm1') => `  - { id: ${id}, protocol: modbus-tcp, host: ${id}, ${more} }\n`

async function faultsOf(file: string, language: Language = 'en'): Promise<string[]> {
  try {
    await readConfig({ file, schema: AgentConfig, language })
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.message.replaceAll(file, '').split('\n')
  }
}

describe('a device with a profile', () => {
  it('has its tags under its own name, its pace and its limits; what the device says itself comes first', async () => {
    const file = await agentWith(
      device('profile: ./maps/meter.yaml') +
        device(
          'profile: ./maps/meter.yaml, prefix: east_, order: ABCD, cadenceMs: 2000, maxRegistersPerRead: 10, tags: [{ name: east_flow, at: holding 0 uint16 }, { name: own, at: coil 1 }]',
          'm2'
        )
    )
    const { config } = await readConfig({ file, schema: AgentConfig })
    const [first, second] = config.devices.map((one) => resolvedOf(one, config.defaults))
    if (first?.family !== 'modbus' || second?.family !== 'modbus') throw new Error('both are Modbus devices')
    const told = first.resolved.tags.map(({ tag }) => [tag.name, tag.address, tag.cadenceMs])
    expect(told).toEqual([
      ['m1.energy', 'input-register 0..1 of unit 1', 5000],
      ['m1.power', 'input-register 2..3 of unit 1', 1000],
      // A number of the manual counts from 1 in any case.
      ['m1.flow', 'input-register 10..11 of unit 1', 5000]
    ])
    expect(first.resolved.tags.map(({ decode }) => decode(Buffer.from([0, 1, 0, 2]), 0).value)).toEqual([
      0x20001,
      13107.3,
      expect.any(Number)
    ])
    expect(first.resolved).toMatchObject({ minGapMs: 100, quirks: { pauseAfterConnectMs: 1000 } })
    expect(first.resolved.limits).toMatchObject({ maxRegistersPerRead: 20, forbidden: [{ table: 'input-register', from: 8, to: 9 }] })
    expect(
      [...first.resolved.groups].map(([cadence, reads]) => [cadence, reads.map(({ address, count }) => `${address}+${count}`)])
    ).toEqual([
      [1000, ['2+2']],
      [5000, ['0+2', '10+2']]
    ])

    expect(second.resolved.tags.map(({ tag }) => [tag.name, tag.cadenceMs])).toEqual([
      ['east_energy', 2000],
      ['east_power', 1000],
      ['east_flow', 2000],
      ['own', 2000]
    ])
    expect(second.resolved.tags[0]?.decode(Buffer.from([0, 1, 0, 2]), 0).value).toBe(0x10002)
    expect(second.resolved.tags[2]?.tag.address).toBe('holding-register 0 of unit 1')
    expect(second.resolved.limits.maxRegistersPerRead).toBe(10)
    expect(planOf(config)).toMatchObject({ tags: 7, devices: [{ id: 'm1', budget: { minGapMs: 100 } }, { id: 'm2' }] })
  })

  it('is told what is wrong with the profile, in its own lines', async () => {
    const broken = PROFILE.replace("page: '1' }", '}').replace('input 3 int32', 'input three int32').replace('minGapMs', 'minGap')
    const faults = await faultsOf(await agentWith(device('profile: ./maps/meter.yaml'), broken))
    expect(faults.map((fault) => fault.replace(/ \/\S+\/maps/, ' maps'))).toEqual([
      expect.stringMatching(/^:6:56 devices\.0\.profile: maps\/meter\.yaml:4:11 citation\.page: /),
      expect.stringMatching(/maps\/meter\.yaml:7:1 minGap: unknown key "minGap"$/),
      expect.stringMatching(/maps\/meter\.yaml:14:24 tags\.1\.at: must look like /)
    ])
    const chinese = await faultsOf(await agentWith(device('profile: ./maps/meter.yaml'), broken), 'zh-CN')
    expect(chinese[2]).toMatch(/maps\/meter\.yaml:14:24 tags\.1\.at: 应形如 /)
    expect(await faultsOf(await agentWith(device('profile: ./maps/meter.yaml'), 'a: [')), 'not YAML at all').not.toEqual([])
  })

  it('is told of a profile that is not there, of names used twice, and of a plan above its budget', async () => {
    expect(await faultsOf(await agentWith(device('profile: ../../etc/no-such')))).toEqual([
      expect.stringMatching(/devices\.0\.profile: .*agent\/profiles\/.*\.yaml:1:1: the file cannot be read \(ENOENT\)$/)
    ])
    expect(await faultsOf(await agentWith(device('profile: no-such'), PROFILE), 'zh-CN')).toEqual([
      expect.stringContaining('文件无法读取（ENOENT）')
    ])
    const same = device('profile: ./maps/meter.yaml, prefix: x.') + device('profile: ./maps/meter.yaml, prefix: x.', 'm2')
    expect(await faultsOf(await agentWith(same))).toContain(
      ':7:56 devices.1.profile: tag name x.energy is used twice (devices.0.profile has it)'
    )
    expect(await faultsOf(await agentWith(device('profile: ./maps/meter.yaml, budget: { requestsPerSecond: 1 }')))).toEqual([
      expect.stringContaining('needs 1.40 requests a second, 0.40 more than its budget of 1')
    ])
    expect(await faultsOf(await agentWith(device('profile: ./maps/meter.yaml', '1m')))).toEqual([
      expect.stringContaining('1m.energy is no tag name; give another prefix')
    ])
    expect(await faultsOf(await agentWith(device('unit: 1')))).toEqual([expect.stringContaining('has no tags, and no profile')])
  })

  it('is read anew when its file has changed', async () => {
    const file = await agentWith(device('profile: ./maps/meter.yaml'))
    const profile = join(file, '../maps/meter.yaml')
    expect(profileOf(profile).tags).toHaveLength(3)
    await writeFile(profile, `${PROFILE}  - { name: more, at: coil 9 }\n`)
    expect(profileOf(profile).tags).toHaveLength(4)
  })
})
