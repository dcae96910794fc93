// What of a run counts when a step failed half way: neither its label nor the alerts that only it accounts for.
import { describe, expect, it } from 'vitest'
import { countedOf } from '../../range/not-played.ts'
import { alert, NOT_PLAYED } from './board-parts.ts'
import { label } from './parts.ts'

describe('what is left to score', () => {
  const failed = [label({ id: 'f', start: 10_000, end: null }), label({ id: 'f', start: 10_000, end: 10_000 })]
  const other = label({ id: 'o', start: 30_000, end: 40_000 })
  const at = (firstSeen: number) => alert({ firstSeen })
  const alerts = [at(9000), at(11_000), at(15_001), at(31_000)]
  const times = (labels: typeof failed, grace: number) =>
    countedOf({ labels, alerts, steps: [{ ...NOT_PLAYED, label: 'f' }], graceSeconds: grace }).alerts.map(({ firstSeen }) => firstSeen)

  it('is all when nothing failed after it had begun', () => {
    const all = { labels: [...failed, other], alerts }
    expect(countedOf({ ...all, steps: [NOT_PLAYED] })).toEqual(all)
  })

  it('has no label of a step that failed, nor the alerts that come from it alone', () => {
    expect(countedOf({ labels: [...failed, other], alerts, steps: [{ ...NOT_PLAYED, label: 'f' }] }).labels).toEqual([other])
    expect(times([...failed, other], 5)).toEqual([9000, 15_001, 31_000])
    expect(times([...failed, other], 30)).toEqual([9000, 31_000])
    expect(times(failed.slice(0, 1), 0)).toEqual([9000])
  })
})
