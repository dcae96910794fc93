// What attacks and faults need of a tag besides its role: told with its place before anything starts, and to whoever plays it live.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigFault } from '#runtime/config-file.ts'
import { checkSimulator } from '../../../simulators/main.ts'
import { MAPS } from '../../../simulators/maps.ts'
import { PLANTS } from '../../../simulators/plants/plant.ts'
import { checkParameters } from '../../../simulators/play-parameters.ts'
import { attackNamed } from '../../../simulators/player.ts'
import { hasAlarms } from '../../../simulators/plc/alarm-sources.ts'
import { createWorks } from '../../../simulators/works.ts'
import { temporaryFolder } from '../../parts/wait.ts'
import { prepare } from '../player-parts.ts'

async function faultsOf(text: string, language: 'zh-CN' | 'en'): Promise<string[]> {
  const file = join(await temporaryFolder(), 'scenario.yaml')
  await writeFile(file, text)
  try {
    await checkSimulator({ file, language })
    return []
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    return error.faults.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
  }
}

const step = (play: string, tag: string, plant = 'water') =>
  [`plant: ${plant}`, 'timeline:', '  - at: "00:01"', `    ${play}`, `    with: { tag: ${tag} }`].join('\n')

describe('a share of the range', () => {
  it.each([
    ['attack: sensor-bias', 'water', 'volume.total'],
    ['attack: report-drift', 'water', 'energy.total'],
    ['attack: report-noise', 'water', 'zone2.volume'],
    ['attack: sensor-bias', 'gas', 'line1.total'],
    ['fault: sensor-drift', 'water', 'volume.total']
  ])('is not taken of a counter without one: %s on %s %s', async (play, plant, tag) => {
    expect(await faultsOf(step(play, tag, plant), 'en')).toEqual([`5:18 timeline.0.with.tag: ${tag} has no range to take a share of`])
    expect(await faultsOf(step(play, tag, plant), 'zh-CN')).toEqual([`5:18 timeline.0.with.tag: ${tag} 没有量程，无从按百分数取值`])
  })

  it('is taken of a measurement that has one, and a counter is still scaled or stopped', async () => {
    for (const play of ['attack: sensor-bias', 'attack: report-drift', 'attack: report-noise', 'fault: sensor-drift'])
      expect(await faultsOf(step(play, 'tower.level'), 'en')).toEqual([])
    for (const play of ['attack: report-scaling', 'attack: sensor-freeze', 'fault: sensor-dropout'])
      expect(await faultsOf(step(play, 'volume.total'), 'en')).toEqual([])
  })

  it.each(['sensor-bias', 'report-drift', 'report-noise', 'sensor-drift'])(
    'is refused in both languages when %s is played live',
    async (name) => {
      const { player } = prepare()
      const played = player.start(name, { tag: 'volume.total' })
      await expect(played).rejects.toMatchObject({
        code: 'PLAY_PARAMETERS',
        text: {
          zh: `${name}: tag: volume.total 没有量程，无从按百分数取值`,
          en: `${name}: tag: volume.total has no range to take a share of`
        }
      })
      expect(player.labels).toEqual([])
    }
  )
})

describe('alarms', () => {
  it('are asked of a tag that has some', async () => {
    const opcua = 'opcua: { port: 0, anonymous: operator }\n'
    expect(await faultsOf(opcua + step('attack: opcua-call', 'zone.flow'), 'en')).toEqual([
      '6:18 timeline.0.with.tag: zone.flow has no alarms'
    ])
    expect(await faultsOf(opcua + step('attack: opcua-call', 'zone.flow'), 'zh-CN')).toEqual([
      '6:18 timeline.0.with.tag: zone.flow 没有报警'
    ])
    expect(await faultsOf(opcua + step('attack: opcua-call', 'tower.level'), 'en')).toEqual([])
  })

  it.each(PLANTS)('are known before a %s works is built as after', async (plant) => {
    const [{ map, alarms }, call] = [await createWorks(plant, { seed: 1 }), attackNamed('opcua-call')]
    expect(map).toBe(MAPS[plant])
    expect(alarms.length).toBeGreaterThan(4)
    for (const tag of Object.keys(map.tags)) {
      const told = alarms.some(({ source }) => source === tag)
      expect(hasAlarms(map, tag)).toBe(told)
      if (call !== undefined) expect('data' in checkParameters(call, { tag }, map)).toBe(told)
    }
  })
})
