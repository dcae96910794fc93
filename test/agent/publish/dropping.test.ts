// What a cap drops: the oldest first, gaps of devices and downtimes along with the samples around them, and exact counts.
import { expect, it } from 'vitest'
import { type Entry, gatherDrops } from '../../../agent/publish/dropping.ts'

const T = 1_700_000_000_000
const entry = (sequence: number, more: Partial<Entry> = {}): Entry => ({
  ...{ boot: 1, first: sequence, sequence, kind: 'samples', reason: null, samples: 10, madeAt: T },
  ...{ from: T + 100 * sequence, to: T + 100 * sequence + 90, bytes: 50, ...more }
})
const gap = (sequence: number, reason: string, samples: number | null): Entry => entry(sequence, { kind: 'gap', reason, samples })
const all = () => 'outbox-size' as const

it('takes the gaps of devices and downtimes into the run that they lie in, and counts only samples that were kept', () => {
  const runs = gatherDrops([gap(1, 'agent-down', null), entry(2), gap(3, 'device-silent', 500), entry(4), gap(5, 'device-slow', 7)], all)
  expect(runs).toMatchObject([
    { boot: 1, first: 1, sequence: 5, reason: 'outbox-size', samples: 20, from: T + 100, to: T + 590, messages: 5 }
  ])
})

it('lets a run that was told before grow over a gap of a device', () => {
  const told = entry(4, { first: 1, kind: 'gap', reason: 'outbox-size', samples: 30 })
  const runs = gatherDrops([told, gap(5, 'device-silent', 500), entry(6)], all)
  expect(runs).toMatchObject([{ first: 1, sequence: 6, samples: 40, messages: 2, grown: true }])
})

it('keeps what says that the file was damaged, and goes on behind it', () => {
  const runs = gatherDrops([entry(1), gap(2, 'outbox-damaged', null), entry(3)], all)
  expect(runs).toMatchObject([
    { first: 1, sequence: 1 },
    { first: 3, sequence: 3 }
  ])
})

it('stops at the first that may stay, be it a gap', () => {
  const mayStay = ({ sequence }: Entry) => (sequence < 3 ? ('outbox-age' as const) : undefined)
  expect(gatherDrops([entry(1), entry(2), gap(3, 'device-silent', 5), entry(4)], mayStay)).toMatchObject([
    { first: 1, sequence: 2, samples: 20 }
  ])
})

it('leaves an outbox that is fed by outages alone within its cap', () => {
  let kept: Entry[] = []
  for (let sequence = 1; sequence <= 2000; sequence++) {
    kept.push(gap(sequence, 'device-silent', 5))
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0)
    for (const run of gatherDrops(kept, (one) => {
      if (bytes <= 1000) return undefined
      bytes -= one.bytes
      return 'outbox-size'
    }))
      kept = [
        entry(run.sequence, { first: run.first, kind: 'gap', reason: run.reason, samples: run.samples, from: run.from, to: run.to }),
        ...kept.filter((one) => one.sequence > run.sequence)
      ]
    expect(kept.length).toBeLessThanOrEqual(21)
  }
  expect(kept[0]).toMatchObject({ first: 1, reason: 'outbox-size', samples: 0, from: T + 100 })
})
