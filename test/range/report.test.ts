// The report page: one safe file with what the board says, and trends that are drawn true to their points.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Label } from '#contract/label.ts'
import { both, html, offsetText } from '../../range/report-html.ts'
import { reportPage } from '../../range/report-page.ts'
import { REPORT_STYLE } from '../../range/report-style.ts'
import { type Trend, trendSvg } from '../../range/report-trend.ts'
import { TrendCollection } from '../../range/trend-collection.ts'
import { LABELS, NOT_PLAYED, someBoard } from './board-parts.ts'
import { batch, birth } from './parts.ts'

const BAD = 0x800a0000
const span = { start: 0, end: 930 }
const trend = (points: Trend['points']): Trend => ({ tag: 'level', title: { zh: '水位', en: 'Level' }, unit: 'm', points })
const lines = (points: Trend['points']) =>
  [...trendSvg({ trend: trend(points), span, labels: [], marks: [] }).matchAll(/class="line" d="([^"]*)"/g)].map((match) => match[1])

describe('a trend', () => {
  it('holds each value until the next and ends at the last', () => {
    // 930 ms over 930 units from 62; values from 0 at 114 up to 10 at 18.
    expect(
      lines([
        [0, 0, 0],
        [100, 10, 10],
        [200, 5, 10]
      ])
    ).toEqual(['M62 114H162V18H262V18V66V18H162V114H62Z'])
  })

  it('is not drawn across what nobody knows', () => {
    expect(
      lines([
        [0, 0, 0],
        [100, null, null],
        [300, 10, 10],
        [400, 10, 10]
      ])
    ).toEqual(['M62 114H162V114V114V114H62Z', 'M362 18H462V18V18V18H362Z'])
    expect(lines([[5, null, null]])).toEqual([])
  })

  it('bears bands, marks and hostile names', () => {
    const [label] = LABELS as [Label]
    const mark = {
      number: 3,
      rule: 'a<b',
      tag: null,
      firstSeen: 100,
      severity: 3,
      verdict: 'hit',
      title: { zh: '高', en: '"High"' }
    } as const
    const text = trendSvg({ trend: trend([]), span, labels: [{ ...label, start: 0, end: 93 }], marks: [mark] })
    expect(text).toContain('<g class="attack"><title>setpoint-tamper T0836 +00:00:00</title><rect x="62" y="18" width="93"')
    expect(text).toContain('<title>3. a&lt;b 高 / &quot;High&quot; +00:00:00</title>')
  })
})

describe('the collection of trends', () => {
  const collect = (...messages: Parameters<TrendCollection['hear']>[0][]) => {
    const collection = new TrendCollection({ span: { start: 0, end: 500_000 } })
    for (const message of messages) collection.hear(message, 500_000)
    return collection.trends()
  }

  it('keeps the lowest and highest value of each bucket, and where they end', () => {
    const columns = { tags: [1, 1, 1, 1], times: [0, 500, 999, 5000], values: [3, -1, 2, null], qualities: [0, 0, 0, BAD] }
    expect(collect(birth(), batch(columns, 1000))).toEqual([
      {
        tag: 'level',
        title: { zh: '测点 level', en: 'Tag level' },
        unit: 'm',
        points: [
          [1000, -1, 3],
          [6000, null, null]
        ]
      }
    ])
  })

  it('ends all lines of an agent that stopped', () => {
    const one = batch({ tags: [1, 2], times: [0, 0], values: [1, 2], qualities: [0, 0] }, 1000)
    const [level] = collect(birth(), one, {
      kind: 'death',
      schema: 1,
      site: 'east',
      agent: 'edge-1',
      boot: 1,
      reason: 'stopped',
      time: 1500
    })
    expect(level?.points).toEqual([
      [1000, 1, 1],
      [2000, null, null]
    ])
  })

  it('leaves out tags that nobody told of', () => {
    expect(collect(batch({ tags: [1], times: [0], values: [1], qualities: [0] }))).toEqual([])
  })
})

describe('the page', () => {
  const details = new Map([['two-attacks', { labels: LABELS, trends: [trend([[0, 1, 2]]), { ...trend([[0, 1, 2]]), tag: 'unnamed' }] }]])
  const page = reportPage({ board: someBoard(), details, language: 'zh-CN', missed: [{ zh: '缺 <一>', en: 'missed <one>' }] })

  it('reaches for nothing outside and runs nothing', () => {
    const hash = createHash('sha256').update(REPORT_STYLE).digest('base64')
    expect(page).toContain(`default-src 'none'; style-src 'sha256-${hash}'`)
    expect(page).not.toMatch(/<script|https?:|\son\w+=|\sstyle=|url\(|@import/)
  })

  it('says everything in both languages, the wanted one first', () => {
    expect(page).toContain('id="in-zh" checked')
    expect(page.match(/class="zh"/g)?.length).toBe(page.match(/class="en"/g)?.length)
    expect(page).toContain('<span class="en" lang="en">missed &lt;one&gt;</span>')
  })

  it('lists what was not played, and has no list when all was', () => {
    const told = reportPage({ board: someBoard({ notPlayed: [NOT_PLAYED] }), details: new Map(), language: 'en' })
    expect(told).toContain('Steps not played: 1; they count in no figure')
    expect(told).toContain('two-attacks: endpoint-sweep not played: needs &lt;--live&gt;')
    expect(page).not.toContain('Steps not played')
  })

  it('speaks of thresholds only when there was a file of them', () => {
    const of = (missed?: { zh: string; en: string }[]) =>
      reportPage({ board: someBoard(), details: new Map(), language: 'en', ...(missed === undefined ? {} : { missed }) })
    expect(of()).not.toContain('hreshold')
    expect(of([])).toContain('All thresholds are reached')
    expect(page).toContain('Thresholds missed: 1')
  })

  it('draws only tags that a label or alert names', () => {
    expect(page.match(/role="img"/g)).toHaveLength(1)
    expect(page).toContain('<code>level</code>')
    expect(page).not.toContain('unnamed')
  })

  it('writes what could turn or break the page in another way', () => {
    expect(html('<a href="x">\u202e&\'')).toBe('&lt;a href=&quot;x&quot;&gt;\\u202e&amp;&#39;')
    expect(both({ zh: '同', en: '同' })).toBe('同')
    expect(offsetText(90_061_000)).toBe('+1 d 01:01:01')
    expect(offsetText(-1000)).toBe('−00:00:01')
  })
})
