// What people do about what has tripped, and in which order they do their duties.
import { describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { playOffline } from '../../../simulators/offline.ts'
import type { Duty } from '../../../simulators/plc/duty.ts'
import { Operator } from '../../../simulators/plc/operator.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { WATER_MAP } from '../../../simulators/plc/water-map.ts'
import { createWaterPlc } from '../../../simulators/plc/water-plc.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { directLink } from '../../parts/direct-link.ts'

const HOUR = 3600

async function shift(plant: 'water' | 'gas', what: string, each: (reads: (tag: string) => number, second: number) => void) {
  const scenario = Scenario.parse({
    ...{ plant, seed: 3, startsAt: 'mon 11:00', operator: { everySeconds: 5 } },
    timeline: [{ at: '00:30', for: '00:05', fault: 'breakdown', with: { what } }]
  })
  await playOffline({
    ...{ scenario, seconds: 5 * HOUR, stepMs: 1000 },
    onScan({ second, scene: { works } }) {
      each((tag) => readTag(works.plc.image, tagNamed(works.map, tag)), second)
    }
  })
}

describe('the next shift', () => {
  it('puts a tripped pump back, which never leads while it is off', async () => {
    const faults = new Set<number>()
    const offences: number[] = []
    let last = { fault: 1, auto: 0 }
    await shift('water', 'pump1-trip', (reads, second) => {
      const lead = reads('pump.lead')
      if (reads(`pump${lead}.auto`) !== 1) offences.push(second)
      faults.add(reads('pump1.fault'))
      last = { fault: reads('pump1.fault'), auto: reads('pump1.auto') }
    })
    expect(faults).toEqual(new Set([0, 1]))
    expect(offences).toEqual([])
    expect(last).toEqual({ fault: 0, auto: 1 })
  })

  it('latches a slam-shut valve that struck for nothing', async () => {
    const struck: number[] = []
    await shift('gas', 'slam-false-trip', (reads) => {
      struck.push(reads('line1.slammed'))
    })
    expect(struck[2 * HOUR]).toBe(1)
    expect(struck.at(-1)).toBe(0)
  })
})

it('a duty that is not allowed as things stand waits by itself, and no longer than an hour', async () => {
  const done: string[] = []
  const duty = (name: string, at: number, allowed: () => boolean): Duty => ({
    ...{ name, at, who: 'operator', allowed },
    act: async ({ seconds }) => void done.push(`${name} ${seconds}`)
  })
  let now = 0
  const { plc } = createWaterPlc({ seed: 1 })
  const operator = new Operator({
    ...{ seed: 1, map: WATER_MAP, everySeconds: 10, log: quietLog() },
    book: () => [
      duty('never', 60, () => false),
      duty('late', 120, () => now >= 1800),
      duty('soon', 180, () => true),
      duty('too late', 60, () => now > 4000)
    ],
    connect: async () => directLink({ image: plc.image, host: '127.0.0.10' })
  })
  for (now = 0; now < 6000; now += 10) await operator.look(now)
  expect(done).toEqual(['soon 180', 'late 1800'])
})
