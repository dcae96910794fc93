// Sentences with values: places, plurals, numbers.
import { expect, test } from 'vitest'
import { createTranslate, isPlainWord } from '../../console/i18n.ts'

const zh = createTranslate('zh-CN')
const en = createTranslate('en')

test('a sentence without places is said as it stands', () => {
  expect(zh('action.acknowledge')).toBe('确认')
  expect(en('action.acknowledge')).toBe('Acknowledge')
})

test('values go into their places, numbers as the language writes them', () => {
  expect(zh('alerts.count', { count: 1234 })).toBe('共 1,234 条')
  expect(en('tag.range.value', { low: '0', high: '6' })).toBe('0 to 6')
})

test.each([
  [0, '0 new alerts'],
  [1, '1 new alert'],
  [2, '2 new alerts']
])('English has a plural: %i', (count, sentence) => {
  expect(en('alerts.new', { count })).toBe(sentence)
})

test('a value that looks like a place stays a value', () => {
  expect(en('problem.alerts', { site: '{count}', count: 3, severity: 'High' })).toBe('{count}: 3 open alerts, worst: High')
})

test('a word is known only when the dictionary itself has it', () => {
  expect(isPlainWord('figure.value')).toBe(true)
  expect(isPlainWord('figure.nobody-knows')).toBe(false)
  expect(isPlainWord('toString')).toBe(false)
})
