// Numbers, times and sizes in both languages, in a fixed time zone.
import { expect, test } from 'vitest'
import { createFormat } from '../../console/format.ts'

const zh = createFormat('zh-CN', 'Asia/Shanghai')
const en = createFormat('en', 'Asia/Shanghai')
const NOON = Date.UTC(2026, 0, 5, 4, 3, 2)

test('a moment is local, its UTC beside it', () => {
  expect(zh.time(NOON)).toBe('12:03:02')
  expect(zh.dateTime(NOON)).toBe('2026年1月5日 12:03:02')
  expect(en.dateTime(NOON)).toBe('Jan 5, 2026, 12:03:02')
  expect(en.utc(NOON)).toBe('Jan 5, 2026, 04:03:02')
  expect(en.zone(NOON)).toBe('UTC+8')
  expect(createFormat('en', 'UTC').zone(NOON)).toBe('UTC+0')
})

test('midnight is hour 00, not 24', () => {
  expect(en.time(Date.UTC(2026, 0, 4, 16))).toBe('00:00:00')
})

test('an age says the largest unit, and never a moment in the future', () => {
  expect(en.ago(NOON - 61_000, NOON)).toBe('1 min. ago')
  expect(zh.ago(NOON - 61_000, NOON)).toBe('1 分钟前')
  expect(en.ago(NOON + 5000, NOON)).toBe(en.ago(NOON, NOON))
  expect(zh.ago(NOON - 3 * 86_400_000, NOON)).toBe('3 天前')
})

test.each([
  [250, '250 ms', '250 毫秒'],
  [1000, '1 sec', '1 秒'],
  [61_000, '1 min 1 sec', '1 分钟 1 秒'],
  [3_600_000, '1 hr', '1 小时'],
  [90_061_000, '1 day 1 hr', '1 天 1 小时']
])('a duration of %i ms', (ms, inEnglish, inChinese) => {
  expect(en.duration(ms)).toBe(inEnglish)
  expect(zh.duration(ms)).toBe(inChinese)
})

test('a value has as many digits as its range deserves', () => {
  expect(en.value(3.41259, { dataType: 'float', range: { low: 0, high: 6 } })).toBe('3.413')
  expect(en.value(212.456, { dataType: 'float', range: { low: 0, high: 500 } })).toBe('212.5')
  expect(en.value(3, { dataType: 'float', range: { low: 0, high: 10 } })).toBe('3.000')
  expect(en.value(48_610, { dataType: 'integer' })).toBe('48,610')
  expect(en.value('SIM-1200')).toBe('SIM-1200')
})

test('no value is a dash and never a zero', () => {
  expect(en.value(null, { dataType: 'float' })).toBe('–')
})

test.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1400, '1.4 kB'],
  [84_000_000, '84 MB'],
  [3e15, '3,000 TB']
])('a size of %i bytes', (count, text) => {
  expect(en.bytes(count)).toBe(text)
})
