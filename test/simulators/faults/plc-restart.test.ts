// A PLC that loses its supply and comes back: without sockets by what stands in its registers, and over them by what clients hear.
import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { playOffline } from '../../../simulators/offline.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

interface Look {
  second: number
  answered: boolean
  reads: (tag: string) => number
  works: Parameters<NonNullable<Parameters<typeof playOffline>[0]['onScan']>>[0]['scene']['works']
}

async function restarted(
  plant: PlantKind,
  options: { at: number; lasts: number; seconds: number; startsAt: string },
  look: (now: Look) => void
) {
  const { at, lasts, seconds, startsAt } = options
  const clock = (second: number) => new Date(second * 1000).toISOString().slice(11, 19)
  const scenario = Scenario.parse({
    ...{ plant, seed: 5, startDay: 15, startsAt, operator: { everySeconds: 5 } },
    timeline: [{ at: clock(at), for: clock(lasts), fault: 'plc-restart' }]
  })
  return playOffline({
    ...{ scenario, seconds, stepMs: 1000, startTime: 0 },
    onScan({ second, request, scene: { works } }) {
      const { plc, map } = works
      const reads = (tag: string) => readTag(plc.image, tagNamed(map, tag))
      look({ second, works, reads, answered: request(Uint8Array.of(1, 0, 0, 0, 1)) !== null })
    }
  })
}

const TOTALS: Readonly<Record<PlantKind, readonly string[]>> = {
  water: ['volume.total', 'energy.total', 'zone2.volume'],
  heat: ['heat.energy', 'heat.volume', 'secondary.energy', 'power.energy'],
  gas: ['station.total', 'line1.total']
}
// What stands still while the outputs are let go, and what goes on by itself.
const STILL: Readonly<Record<PlantKind, readonly string[]>> = {
  water: ['tower.inflow', 'dosing.rate'],
  heat: ['secondary.flow', 'pump1.speed'],
  gas: ['heater.power', 'odorant.rate']
}
const GOES_ON: Readonly<Record<PlantKind, string>> = { water: 'zone.flow', heat: 'valve.position', gas: 'outlet.pressure' }

describe.each(['water', 'heat', 'gas'] as const)('a %s PLC that restarts', (plant) => {
  it('is silent, lets its outputs go, counts scans anew and keeps what it had counted', async () => {
    const counts: number[] = []
    const answers: boolean[] = []
    const totals: number[][] = TOTALS[plant].map(() => [])
    const dead: Record<string, number> = {}
    const { labels } = await restarted(plant, { at: 120, lasts: 180, seconds: 600, startsAt: 'mon 08:00' }, (now) => {
      counts.push(now.reads('plc.scan-count'))
      answers.push(now.answered)
      for (const [i, tag] of TOTALS[plant].entries()) totals[i]?.push(now.reads(tag))
      if (now.second === 299) now.works.plc.measure((tag, value) => Object.assign(dead, { [tag]: value }))
    })
    expect(labels).toMatchObject([{ kind: 'fault', name: 'plc-restart', technique: null, start: 120_000, end: 300_000, hosts: [] }])
    // The connections of before are dead; whoever asks finds that out first.
    expect(answers.filter((yes) => !yes)).toHaveLength(181)
    expect([answers[119], answers[120], answers[300], answers[301]]).toEqual([true, false, false, true])
    expect(counts.slice(118, 122)).toEqual([119, 120, 120, 120])
    expect(counts.slice(299, 302)).toEqual([120, 1, 2])
    for (const tag of STILL[plant]) expect([tag, dead[tag]]).toEqual([tag, 0])
    expect(dead[GOES_ON[plant]]).toBeGreaterThan(1)
    for (const values of totals) {
      expect([...values].sort((a, b) => a - b)).toEqual(values)
      expect(values.at(-1)).toBeGreaterThan(values[60] ?? 0)
    }
  })
})

it('a restart loses what people had set, and they set it again a little later', async () => {
  const seen = new Map<number, number[]>()
  // The values of the night are written shortly before ten and about half past ten.
  await restarted('water', { at: 3600, lasts: 60, seconds: 5400, startsAt: 'mon 22:00' }, ({ second, reads }) => {
    seen.set(second, ['tower.start-setpoint', 'tower.stop-setpoint', 'zone2.pressure-setpoint'].map(reads))
  })
  const before = seen.get(3600) ?? []
  expect(before[2]).toBeCloseTo(2.7, 3)
  expect(seen.get(3661)?.[2]).toBeCloseTo(3, 3)
  expect(seen.get(5400)?.[2]).toBeCloseTo(2.7, 3)
})

describe('over sockets', () => {
  const started: Simulator[] = []
  afterEach(async () => {
    for (const simulator of started.splice(0)) await simulator.stop()
  })

  it('a PLC that has no supply answers nobody, and comes back with its first values', async () => {
    const config = Scenario.parse({ speed: 20, modbus: { port: 0 }, operator: { enabled: false } })
    const simulator = new Simulator({ config, log: quietLog(), onLabel: () => {} })
    await simulator.start()
    started.push(simulator)
    {
      await using client = await rawClient(simulator.modbusPort)
      expect(await client.ask([6, 0, 2, 0x02, 0x58])).toEqual([6, 0, 2, 0x02, 0x58])
      expect(await client.ask([5, 0, 3, 0xff, 0])).toEqual([5, 0, 3, 0xff, 0])
      await until(async () => ((await client.ask([4, 0, 22, 0, 1]))[3] ?? 0) > 20, { what: 'some scans' })
      await simulator.play('plc-restart')
      client.send(frame(99, 1, [3, 0, 2, 0, 1]))
      const since = simulator.scene?.elapsed ?? 0
      await until(() => (simulator.scene?.elapsed ?? 0) > since + 10, { what: 'ten seconds of the plant' })
      expect(client.received()).toHaveLength(0)
    }
    await simulator.stopPlay('plc-restart')
    await using client = await rawClient(simulator.modbusPort)
    expect(await client.ask([3, 0, 2, 0, 1])).toEqual([3, 2, 0x01, 0xf4])
    expect(await client.ask([1, 0, 0, 0, 5])).toEqual([1, 1, 0b10101])
    expect(simulator.labels).toMatchObject([{ kind: 'fault', name: 'plc-restart' }])
    expect(simulator.labels[0]?.end).toBeGreaterThanOrEqual(simulator.labels[0]?.start ?? 0)
  })

  it('the engineer who comes without a book is named by his workstation', async () => {
    const config = Scenario.parse({ modbus: { port: 0 }, operator: { enabled: false } })
    const simulator = new Simulator({ config, log: quietLog(), onLabel: () => {} })
    await simulator.start()
    started.push(simulator)
    await using client = await rawClient(simulator.modbusPort)
    const label = await simulator.play('maintenance')
    expect(await client.ask([1, 0, 2, 0, 1])).toEqual([1, 1, 0])
    expect(label).toMatchObject({ kind: 'fault', name: 'maintenance', tags: ['pump2.auto'] })
    if (process.platform === 'linux') expect(label.hosts).toEqual(['127.0.0.11'])
    await simulator.stopPlay('maintenance')
    expect(await client.ask([1, 0, 2, 0, 1])).toEqual([1, 1, 1])
    await simulator.play('maintenance', { work: 'calibration', percent: 0.5 })
    await simulator.stopPlay('maintenance')
    const reads = (tag: string) => readTag(simulator.scene?.plc.image ?? never(), tagNamed(simulator.scene?.map ?? never(), tag))
    expect(reads('zone2.meter-factor')).toBeCloseTo(1.005, 3)
  })
})

function never(): never {
  throw new Error('the simulator does not run')
}
