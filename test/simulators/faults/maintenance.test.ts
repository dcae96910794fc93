// Unforeseen maintenance takes out only what is in service and not missed, and leaves in service what it took out.
import { describe, expect, it } from 'vitest'
import { playOffline } from '../../../simulators/offline.ts'
import { readTag, tagNamed, writeTag } from '../../../simulators/plc/tag-map.ts'
import { WATER_MAP } from '../../../simulators/plc/water-map.ts'
import { COMMANDS } from '../../../simulators/plc/water-registers.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { prepare } from '../player-parts.ts'

describe('a second maintenance of one unit', () => {
  it('is refused for as long as the first lasts, in both languages and without a label', async () => {
    const { player, plc, told } = prepare()
    const auto = () => plc.image.coils[COMMANDS['pump2.auto']]
    await player.start('maintenance')
    expect(auto()).toBe(0)
    await expect(player.start('maintenance', { tag: 'pump2.auto' })).rejects.toMatchObject({
      ...{ code: 'PLAY_RUNNING', text: { zh: 'pump2.auto 已经停用', en: 'pump2.auto is out of service already' } }
    })
    expect(told).toHaveLength(1)
    await player.stop('maintenance')
    expect(auto()).toBe(1)
    await player.start('maintenance', { tag: 'pump2.auto' })
    await expect(player.start('maintenance')).rejects.toMatchObject({ code: 'PLAY_RUNNING' })
    await player.stop('maintenance-pump2.auto')
    expect(auto()).toBe(1)
  })

  it('is refused also while an attacker shows the unit in service', async () => {
    const { player, plc } = prepare()
    const auto = () => plc.image.coils[COMMANDS['pump2.auto']]
    await player.start('maintenance')
    await player.start('rogue-write', { tag: 'pump2.auto', value: 1 })
    await expect(player.start('maintenance', { tag: 'pump2.auto' })).rejects.toMatchObject({ code: 'PLAY_RUNNING' })
    await player.stop('rogue-write')
    await player.stop('maintenance')
    expect(auto()).toBe(1)
  })

  it('is left out of a scenario, and the unit is in service after the first', async () => {
    const scenario = Scenario.parse({
      ...{ plant: 'water', operator: { enabled: false } },
      timeline: [
        { at: '00:01', for: '00:03', fault: 'maintenance' },
        { at: '00:03', for: '00:03', fault: 'maintenance', with: { tag: 'pump2.auto' } }
      ]
    })
    const auto: number[] = []
    const { labels } = await playOffline({
      ...{ scenario, seconds: 480, stepMs: 1000 },
      onScan: ({ scene: { plc, map } }) => void auto.push(readTag(plc.image, tagNamed(map, 'pump2.auto')))
    })
    expect([30, 120, 210, 270, 450].map((second) => auto[second])).toEqual([1, 0, 0, 1, 1])
    expect(labels.map(({ name, tags, end }) => [name, tags, end !== null])).toEqual([['maintenance', ['pump2.auto'], true]])
  })
})

describe('maintenance of no unit in particular', () => {
  const TROUBLED = [
    ['heat', 'pump1-trip', 'pump1.auto', 'secondary.flow', { 'pump.lead': 1 }],
    ['heat', 'pump2-trip', 'pump2.auto', 'secondary.flow', { 'pump.lead': 2 }],
    ['water', 'pump1-trip', 'pump1.auto', 'tower.inflow', { 'pump.lead': 1, 'tower.start-setpoint': 4.4, 'tower.stop-setpoint': 5.5 }],
    ['gas', 'slam-false-trip', 'line1.open', 'outlet.pressure', { 'line.active': 1 }]
  ] as const

  it.each(TROUBLED)('leaves to a %s plant with %s what has taken over: it takes %s', async (plant, what, taken, alive, setpoints) => {
    const scenario = Scenario.parse({
      ...{ plant, startDay: 15, operator: { enabled: false } },
      timeline: [
        { at: '00:02', for: '00:30', fault: 'breakdown', with: { what } },
        { at: '00:15', for: '00:10', fault: 'maintenance' }
      ]
    })
    const shown: number[] = []
    const { labels } = await playOffline({
      ...{ scenario, seconds: 1500, stepMs: 1000 },
      onScan({ second, scene: { plc, map } }) {
        if (second === 1) for (const [tag, value] of Object.entries(setpoints)) writeTag(plc.image, tagNamed(map, tag), value)
        shown.push(readTag(plc.image, tagNamed(map, alive)))
      }
    })
    expect(labels.at(-1)).toMatchObject({ name: 'maintenance', tags: [taken], hosts: ['127.0.0.11'] })
    const [before = 0, during = 0] = [shown[880], shown[1480]]
    expect(before).toBeGreaterThan(0)
    expect(during).toBeGreaterThan(before * 0.8)
  })

  it.each([
    [1, [0, 0], 'pump2.auto'],
    [2, [0, 0], 'pump1.auto'],
    [1, [1, 1], 'pump2.auto'],
    [2, [1, 1], 'pump1.auto'],
    [1, [1, 0], 'pump2.auto'],
    [2, [1, 0], 'pump2.auto'],
    [1, [0, 1], 'pump1.auto']
  ])('with lead %i and pumps running %j takes %s', async (lead, running, taken) => {
    const { player, plc } = prepare()
    writeTag(plc.image, tagNamed(WATER_MAP, 'pump.lead'), lead)
    for (const [i, on] of running.entries()) writeTag(plc.image, tagNamed(WATER_MAP, `pump${i + 1}.running`), on)
    expect((await player.start('maintenance')).tags).toEqual([taken])
  })

  it('takes the one that has failed while neither runs', async () => {
    const { player, plc } = prepare()
    writeTag(plc.image, tagNamed(WATER_MAP, 'pump1.fault'), 1)
    expect((await player.start('maintenance')).tags).toEqual(['pump1.auto'])
  })

  it('does not take the only one in service', async () => {
    const { player, plc } = prepare()
    await player.start('maintenance', { tag: 'pump1.auto' })
    await expect(player.start('maintenance')).rejects.toMatchObject({ code: 'PLAY_RUNNING' })
    expect(plc.image.coils[COMMANDS['pump2.auto']]).toBe(1)
  })
})
