// Threshold files: every line that was missed is told, and a wrong file is refused with its places.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { buildBoard } from '../../range/board.ts'
import { missedThresholds, readThresholds, Thresholds } from '../../range/thresholds.ts'
import { someBoard } from './board-parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-thresholds-'))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (text: string) => {
  const file = join(folder, 'thresholds.yaml')
  writeFileSync(file, text)
  return readThresholds({ file, language: 'en' })
}
const missed = (wanted: unknown) => missedThresholds(someBoard(), Thresholds.parse(wanted)).map((line) => line.en)

describe('thresholds', () => {
  it('are missed by none when nothing is asked or all is reached', () => {
    expect(missed({})).toEqual([])
    const reached = {
      detectedAtLeast: 1,
      detectedShareAtLeast: 0.5,
      medianDelaySecondsAtMost: 12.5,
      falsePerDayAtMost: 0.5,
      techniques: ['T0836']
    }
    expect(missed({ ...reached, scenarios: { 'two-attacks': { detectedAtLeast: 1, falseAtMost: 0 } } })).toEqual([])
  })

  it('tell every line that was missed', () => {
    expect(
      missed({
        ...{ detectedAtLeast: 2, detectedShareAtLeast: 0.9, medianDelaySecondsAtMost: 10, techniqueRightAtLeast: 2, namedAtLeast: 2 },
        ...{ falsePerDayAtMost: 0.1, precisionAtLeast: 0.9, techniques: ['T0831', 'T0855'] },
        scenarios: { 'two-attacks': { detectedAtLeast: 2, medianDelaySecondsAtMost: 1 }, 安静的两天: { falseAtMost: 0 }, other: {} }
      })
    ).toEqual([
      'All scenarios: attacks detected 1, must be at least 2',
      'All scenarios: share of attacks detected 50.0 %, must be at least 90.0 %',
      'All scenarios: median delay 12.5 s, must be at most 10 s',
      'All scenarios: technique right 1, must be at least 2',
      'All scenarios: target named 1, must be at least 2',
      'All scenarios: false alerts per quiet day 0.50, must be at most 0.10',
      'All scenarios: precision 50.0 %, must be at least 90.0 %',
      'T0831: attack 阀门 "<hammer>" of scenario two-attacks was not detected',
      'T0855: no attack of this technique was played',
      'Scenario two-attacks: attacks detected 1, must be at least 2',
      'Scenario two-attacks: median delay 12.5 s, must be at most 1 s',
      'Scenario 安静的两天: false alerts 1, must be at most 0',
      'Scenario other: was not played'
    ])
  })

  it('about what was not played are missed, not passed', () => {
    const empty = buildBoard({ mode: 'fast', graceSeconds: 300, scenarios: [] })
    const wanted = Thresholds.parse({ falsePerDayAtMost: 1, precisionAtLeast: 0.1, detectedShareAtLeast: 0.1 })
    expect(missedThresholds(empty, wanted)).toHaveLength(3)
  })

  it('are read from YAML and refused with every place', async () => {
    expect(await read('detectedAtLeast: 3\n')).toEqual({ detectedAtLeast: 3, techniques: [], scenarios: {} })
    await expect(read('detected: 3\ntechniques: [X1]\n')).rejects.toMatchObject({
      code: 'CONFIG_FAULT',
      faults: [{ line: 1 }, { line: 2 }]
    })
  })
})
