// Unforeseen maintenance takes out only what is in service, and leaves in service what it took out.
import { describe, expect, it } from 'vitest'
import { playOffline } from '../../../simulators/offline.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
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
