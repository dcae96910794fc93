import { describe, expect, it } from 'vitest'
import type { Finding } from '#contract/finding.ts'
import { BAD_TIMEOUT } from '#contract/quality.ts'
import { type Check, checkOf } from '#rules/check.ts'
import { formatNumber, formatSeconds, renderReason } from '#rules/reason.ts'
import { birthOf, packOf } from './rehearsal.ts'

const pack = packOf([{ rule: 'process/range', parameters: { high: 10 } }])
const [entry] = pack.checks
if (entry === undefined) throw new Error('the pack has no check')
const plain = checkOf(pack, entry)
const checkWith = (change: Partial<Check>): Check => ({ ...plain, ...change })
const [tag] = birthOf(['tower.level'], { 'tower.level': { unit: 'm', title: { zh: '水塔液位', en: 'Tower level' } } }).tags

const finding: Finding = {
  rule: 'test/check-0',
  kind: 'process/range',
  site: 'east-water',
  agent: 'edge-1',
  device: 'plc-1',
  tag: 'tower.level',
  tags: ['tower.level'],
  view: 'polled',
  time: 0,
  condition: 'active',
  severity: 3,
  evidence: { value: 5.70000001, high: 5.5, low: null, seconds: 754 }
}
const reason = (zh: string, en: string) => checkWith({ reason: { zh, en } })

describe('a reason', () => {
  it('holds the figures, the title of the tag and its unit in each language', () => {
    const check = reason(
      '{tag}为 {value} {unit}，上限 {high} {unit}，已持续 {seconds}。',
      '{tag} is {value} {unit}, limit {high} {unit}, for {seconds}.'
    )
    expect(renderReason(check, finding, tag)).toEqual({
      zh: '水塔液位为 5.7 m，上限 5.5 m，已持续 13 分钟。',
      en: 'Tower level is 5.7 m, limit 5.5 m, for 13 min.'
    })
  })

  it('does without title and unit', () => {
    const check = reason('{tag}为 {value} {unit}，上限 {high} {unit}。', '{tag} is {value} {unit}, limit {high} {unit}.')
    expect(renderReason(check, finding)).toEqual({ zh: 'tower.level 为 5.7，上限 5.5。', en: 'tower.level is 5.7, limit 5.5.' })
  })

  it('names places, lists of tags, parameters, qualities and truth values', () => {
    const check = {
      ...reason('{names}；{quality}；{on}；{forSeconds}', '{site} {agent} {device}: {names}; {quality}; {on}; {forSeconds}'),
      parameters: { forSeconds: 60 }
    }
    const wide = { ...finding, tags: ['a', 'b', 'c', 'd'], evidence: { quality: BAD_TIMEOUT, on: false } }
    expect(renderReason(check, wide)).toEqual({
      zh: 'a、b、c等；设备未在限时内应答；否；60 秒',
      en: 'east-water edge-1 plc-1: a, b, c and others; No answer in time; no; 60 s'
    })
  })

  it('shows a figure that is not there as such, and puts nothing of a value into the template', () => {
    const check = reason('{low}', '{value} {low}')
    expect(renderReason(check, { ...finding, evidence: { value: '{low} $& {agent}', low: null } })).toEqual({
      zh: '—',
      en: '{low} $& {agent} —'
    })
  })

  it('says that it is over when it is, and does not repeat what was wrong', () => {
    const check = checkWith({
      title: { zh: '液位越限', en: 'Level outside its limits' },
      reason: { zh: '{tag}越限', en: '{tag} is outside' }
    })
    expect(renderReason(check, { ...finding, condition: 'cleared' }, tag)).toEqual({
      zh: '已恢复正常：液位越限（当前值 5.7 m）。',
      en: 'Back to normal: Level outside its limits (now 5.7 m).'
    })
    expect(renderReason(check, { ...finding, tag: null, condition: 'cleared' }).en).toBe('Back to normal: Level outside its limits.')
  })
})

describe('numbers', () => {
  it.each([
    [3.0012345, '3.001'],
    [1284300, '1284300'],
    [1234.56, '1235'],
    [0.1 + 0.2, '0.3'],
    [1.8, '1.8'],
    [-0.00123456, '-0.001235'],
    [1e-9, '1e-9'],
    [0.00000123456, '0.000001235'],
    [0, '0'],
    [-5, '-5'],
    [99.999, '100']
  ])('%d is shown as %s', (value, shown) => {
    expect(formatNumber(value)).toBe(shown)
  })

  it.each([
    [3, '3 秒', '3 s'],
    [4.5, '4.5 秒', '4.5 s'],
    [90.4, '90 秒', '90 s'],
    [754, '13 分钟', '13 min'],
    [7200, '2 小时', '2 h'],
    [100_000, '27.8 小时', '27.8 h'],
    [400_000, '4.6 天', '4.6 d']
  ])('%d seconds are shown as %s and %s', (seconds, zh, en) => {
    expect([formatSeconds(seconds, 'zh'), formatSeconds(seconds, 'en')]).toEqual([zh, en])
  })
})
