// The board in its forms: table, JSON and JUnit.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Text } from '#contract/text.ts'
import { displayWidth } from '#runtime/console-table.ts'
import { Board } from '../../range/board.ts'
import { boardJunit, xml } from '../../range/board-junit.ts'
import { boardTable } from '../../range/board-table.ts'
import { durationText } from '../../range/board-words.ts'
import { reportPage } from '../../range/report-page.ts'
import { failed, interrupted } from '../../range/unfinished.ts'
import { NOT_PLAYED, someBoard } from './board-parts.ts'

describe('the board', () => {
  it('fits its schema as JSON', () => {
    const board = someBoard()
    expect(Board.parse(JSON.parse(JSON.stringify(board)))).toEqual(board)
    expect(board.totals).toMatchObject({ scenarios: 2, attacks: 2, detected: 1, falsePerDay: 0.5 })
  })

  it.each(['zh-CN', 'en'] as const)('is a table whose columns stand under each other in %s', (language) => {
    const text = boardTable({ board: someBoard(), language }).replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
    const [attacks = '', quiet = '', totals = ''] = text.split('\n\n')
    const rows = attacks.split('\n')
    const starts = rows.map((row) =>
      displayWidth(row.slice(0, row.indexOf(rows.indexOf(row) === 0 ? { 'zh-CN': '技术', en: 'technique' }[language] : 'T08')))
    )
    expect(rows).toHaveLength(3)
    expect(new Set(starts).size).toBe(1)
    expect(quiet.split('\n')).toHaveLength(2)
    expect(totals).toContain(
      { 'zh-CN': '发现 1/2 次攻击，延迟中位数 12.5 s', en: 'Detected 1 of 2 attacks, median delay 12.5 s' }[language]
    )
  })

  it('says how it was played, what a delay is then, and what was not played', () => {
    const said = (more: Parameters<typeof someBoard>[0], language: 'en' | 'zh-CN' = 'en') =>
      boardTable({ board: someBoard(more), language })
    expect(said({})).toContain('Played without sockets, in the time of the plant; grace 300 s')
    const live = { mode: 'live', live: { speed: 10, broker: 'embedded' } } as const
    expect(said(live)).toContain("live over real sockets and the collector's own broker, the plant 10 times faster")
    expect(said(live)).toContain('each second that they took counts as 10 in a delay')
    expect(said({ ...live, live: { speed: 1, broker: 'mosquitto' } })).toContain('Mosquitto, in real time')
    expect(said({ ...live, live: { speed: 1, broker: 'mosquitto' } })).not.toContain('--speed')
    expect(said({ notPlayed: [NOT_PLAYED] }, 'zh-CN')).toContain('two-attacks：endpoint-sweep 未播放：需要 <--live>')
  })

  it('names each scenario that was not played to its end', () => {
    const disk = Object.assign(new Error(), { text: { zh: '磁盘', en: '/a/b cannot be written (Error: no <disk>)\nits last words' } })
    const board = someBoard({ unfinished: [failed('x', disk), interrupted('y')] })
    expect(board.unfinished[0]?.reason.en).toContain('its last words')
    const line = 'x: was not played to its end and counts in no figure: /a/b cannot be written (Error: no <disk>)'
    expect(Board.parse(JSON.parse(JSON.stringify(board)))).toEqual(board)
    expect(boardTable({ board, language: 'en' }).split('\n')).toContain(line)
    expect(reportPage({ board, details: new Map(), language: 'en' })).toContain('/a/b cannot be written (Error: no &lt;disk&gt;)')
  })

  it('has no quiet day where an attack was left out', () => {
    const quiet = (name: string) =>
      someBoard({ notPlayed: [{ ...NOT_PLAYED, scenario: '安静的两天', name }] }).scenarios.map((one) => one.quiet)
    expect(quiet('endpoint-sweep')).toEqual([false, false])
    expect(quiet('comms-loss')).toEqual([false, true])
    expect(someBoard({ notPlayed: [{ ...NOT_PLAYED, scenario: '安静的两天' }] }).totals.falsePerDay).toBeNull()
  })

  it('has the steps that were not played in its JSON', () => {
    const board = someBoard({ mode: 'live', live: { speed: 2, broker: 'mosquitto' }, notPlayed: [NOT_PLAYED] })
    expect(Board.parse(JSON.parse(JSON.stringify(board)))).toEqual(board)
  })

  it.each([
    [0, '0 s'],
    [59.94, '59.9 s'],
    [59.97, '1 min 0 s'],
    [3599.6, '1 h 0 min'],
    [7501, '2 h 5 min']
  ])('writes %f seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text)
  })
})

describe('JUnit', () => {
  it('has one case for each attack and quiet scenario, and fails what failed', () => {
    const text = boardJunit({ board: someBoard(), language: 'en' })
    expect(text).toContain('<testsuites name="penstock range" tests="3" failures="2" skipped="0" time="12.500">')
    expect(text.match(/<testcase /g)).toHaveLength(3)
    expect(text).toContain('<failure message="attack 阀门 &quot;&lt;hammer&gt;&quot; was not detected"/>')
    expect(text).toContain('<failure message="1 false alerts, 0.50 a day, at most 0.00"/>')
    expect(boardJunit({ board: someBoard(), language: 'en', falsePerDayAtMost: 0.5 })).toContain('failures="1"')
  })

  it('skips what was not played, which fails nothing', () => {
    const text = boardJunit({ board: someBoard({ notPlayed: [NOT_PLAYED] }), language: 'zh-CN' })
    expect(text).toContain('<testsuites name="penstock range" tests="4" failures="2" skipped="1" time="12.500">')
    expect(text).toContain('name="endpoint-sweep (0:25:00)" time="0.000"><skipped message="未播放：需要 &lt;--live&gt;"/>')
  })

  it('fails each threshold that was missed, and none when all are reached', () => {
    const text = (missed: Text[]) => boardJunit({ board: someBoard(), language: 'en', missed })
    expect(text([{ zh: '误判 1', en: 'blamed 1' }])).toContain(
      '<testsuite name="thresholds" tests="1" failures="1" skipped="0" time="0.000"><testcase classname="thresholds" name="threshold 1" time="0.000"><failure message="blamed 1"/>'
    )
    expect(text([])).toContain('<testsuite name="thresholds" tests="1" failures="0"')
  })

  it('fails a scenario that failed, and skips one that was interrupted', () => {
    const text = boardJunit({ board: someBoard({ unfinished: [failed('x', new Error('no "disk"')), interrupted('y')] }), language: 'en' })
    expect(text).toContain('tests="5" failures="3" skipped="1"')
    expect(text).toMatch(/name="scenario \(x\)" time="0.000"><failure message="no &quot;disk&quot; \(at .*"\/>/)
    expect(text).toContain('name="scenario (y)" time="0.000"><skipped message="the run was interrupted"/>')
  })

  it('holds no character that XML forbids', () => {
    expect(xml(`a\u0000b\ud800c\uffff<&>"'\n\u{1f600}`)).toBe('a\ufffdb\ufffdc\ufffd&lt;&amp;&gt;&quot;&apos;&#10;\u{1f600}')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(xml(text)).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u)
        expect(xml(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|apos|#\d+);)/)
      })
    )
  })
})
