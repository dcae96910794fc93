// A workstation stops the program of a PLC (function 90): its outputs stay as they were, the plant goes on, and nobody minds it.
import { describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { simulateOffline } from '../../../simulators/offline.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import { WaterPlant } from '../../../simulators/plants/water.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

const HOUR = 3600
const STOP = { attack: 'program-mode', with: { stop: true, everySeconds: 30 } }

describe('a stopped program', () => {
  it('no longer stops the pump: the tower fills over its weir while the registers show the level of before', async () => {
    const levels: number[] = []
    const shown: number[] = []
    const running: number[] = []
    const { scene } = await simulateOffline({
      ...{ plant: 'water', seconds: 4 * HOUR, stepMs: 1000, seed: 2, startsAt: 'mon 01:00', operator: false },
      attacks: [{ at: '00:10', for: '03:00', ...STOP }],
      onScan({ scene: { plc, plant, map } }) {
        if (!(plant instanceof WaterPlant)) throw new Error('not a waterworks')
        levels.push(plant.towerLevel)
        running.push(plant.actuators.pumps[0].run ? 1 : 0)
        shown.push(readTag(plc.image, tagNamed(map, 'tower.level')))
      }
    })
    const stopped = { from: 600, to: 600 + 3 * HOUR }
    expect(Math.max(...levels)).toBeCloseTo(5.9, 2)
    expect(new Set(running.slice(stopped.from, stopped.to))).toEqual(new Set([1]))
    expect(new Set(shown.slice(stopped.from, stopped.to)).size).toBe(1)
    // The program runs again and sees what has become of its tower.
    expect(running.at(-1)).toBe(0)
    expect(shown.at(-1)).toBeCloseTo(levels.at(-1) ?? 0, 1)
    expect(scene.plc.scans).toBe(4 * HOUR - 3 * HOUR)
    expect(scene.works.balances()[1]?.given).toBeGreaterThan(100)
  })

  it.each<PlantKind>(['heat', 'gas'])(
    'of a %s plant leaves every output as it was, and what people write waits in the registers',
    async (plant) => {
      const outputs: string[] = []
      const tag = plant === 'heat' ? 'curve.shift' : 'heater.temperature-setpoint'
      await simulateOffline({
        ...{ plant, seconds: 1200, stepMs: 1000, seed: 2, operator: false },
        attacks: [
          { at: '00:05', for: '00:10', ...STOP },
          { at: '00:07', attack: 'setpoint-tamper', with: { tag, value: 3 } }
        ],
        onScan({ scene, scene: { plc, map } }) {
          outputs.push(JSON.stringify(Reflect.get(scene.plant, 'actuators')))
          if (outputs.length === 600) expect(readTag(plc.image, tagNamed(map, tag))).toBe(3)
        }
      })
      expect(new Set(outputs.slice(299, 900)).size).toBe(1)
      expect(new Set(outputs.slice(900)).size).toBeGreaterThan(50)
    }
  )
})

it('is stopped and started by any client over a socket that has reserved the PLC', async () => {
  const simulator = new Simulator({
    config: Scenario.parse({ speed: 10, modbus: { port: 0 }, operator: { enabled: false } }),
    ...{ log: quietLog(), onLabel: () => {} }
  })
  await simulator.start()
  try {
    await using client = await rawClient(simulator.modbusPort)
    const scans = async () => (await client.ask([4, 0, 22, 0, 1])).slice(2)
    expect(await client.ask([90, 0, 0x41])).toEqual([90, 0, 0xfd, 6])
    const [, , , session = 0] = await client.ask([90, 0, 0x10])
    expect(await client.ask([90, session, 0x41])).toEqual([90, session, 0xfe])
    const before = await scans()
    const elapsed = simulator.scene?.elapsed ?? 0
    await until(() => (simulator.scene?.elapsed ?? 0) > elapsed + 5, { what: 'five seconds of the plant' })
    expect(await scans()).toEqual(before)
    expect(await client.ask([90, session, 0x40])).toEqual([90, session, 0xfe])
    await until(async () => String(await scans()) !== String(before), { what: 'a scan' })
  } finally {
    await simulator.stop()
  }
})
