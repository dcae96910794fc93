// The law of words: both languages for each key, the same places in both, no unused key, no Chinese outside the dictionary.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ALERT_ACTIONS, CONDITIONS, DISPOSITIONS, HANDLINGS } from '#contract/alert.ts'
import { PARTS_OF_CENTRE } from '#contract/api.ts'
import { SEVERITIES } from '#contract/finding.ts'
import { GAP_REASONS } from '#contract/gap.ts'
import type { Text } from '#contract/text.ts'
import { dictionary, groups } from '../../console/words/dictionary.ts'
import { techniques } from '../../console/words/techniques.ts'

const ROOM = join(import.meta.dirname, '../../console')
const sources = globSync('**/*.{ts,tsx}', { cwd: ROOM, exclude: (name) => name === 'dist' || name === 'words' }).map((name) => ({
  name,
  text: readFileSync(join(ROOM, name), 'utf8')
}))
const entries: [string, Text][] = Object.entries(dictionary)
const placesOf = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1] ?? ''))].sort()

test('no key is defined in two groups', () => {
  const keys = Object.values(groups).flatMap((group) => Object.keys(group))
  expect(keys.length).toBe(new Set(keys).size)
})

test('each key has both languages, Chinese in the Chinese and none in the English one', () => {
  // The name of the other language is written in it.
  const others = new Set(['setting.language.other'])
  const letters = (text: string) => /\p{L}/u.test(text.replaceAll(/\{[^}]*\}/g, ''))
  const chinese = (text: string) => /\p{Script=Han}/u.test(text)
  const wrong = entries.filter(
    ([key, { zh, en }]) => zh === '' || en === '' || (!others.has(key) && ((letters(zh) && !chinese(zh)) || chinese(en)))
  )
  expect(wrong).toEqual([])
})

test('both languages of a key have the same places', () => {
  expect(entries.filter(([, { zh, en }]) => placesOf(zh).join() !== placesOf(en).join())).toEqual([])
})

test('Chinese sentences use full-width punctuation', () => {
  expect(entries.filter(([, { zh }]) => /\p{Script=Han}[,;:?!]/u.test(zh))).toEqual([])
})

test('no key is unused', () => {
  const text = sources.map((source) => source.text).join('\n')
  // A key may be put together: `part.${name}.failing` stands for all keys of that form.
  const built = [...text.matchAll(/`([a-z][\w.-]*\.\$\{[^`]*)`/gi)].map(
    ([, form = '']) => new RegExp(`^${form.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '[^.]+')}$`)
  )
  const used = (key: string) => text.includes(`'${key}'`) || built.some((form) => form.test(key))
  expect(Object.keys(dictionary).filter((key) => !used(key))).toEqual([])
})

test('no Chinese character stands outside the dictionary', () => {
  expect(sources.filter(({ text }) => /\p{Script=Han}/u.test(text)).map(({ name }) => name)).toEqual([])
})

test('no page sets a style in its markup', () => {
  expect(
    sources.filter(({ text }) => /\bstyle=[{"']|dangerouslySetInnerHTML|createElement\(['"]style/.test(text)).map(({ name }) => name)
  ).toEqual([])
})

describe('every closed list of the contract has its words', () => {
  test.each([
    ['severity', SEVERITIES.map(String)],
    ['condition', CONDITIONS],
    ['handling', HANDLINGS],
    ['disposition', DISPOSITIONS],
    ['action', ALERT_ACTIONS],
    ['event', ['raised', 'repeated', 'worse', 'cleared', ...ALERT_ACTIONS]],
    ['gap', GAP_REASONS],
    ['part', PARTS_OF_CENTRE]
  ] as const)('%s', (prefix, names) => {
    expect(names.filter((name) => !Object.hasOwn(dictionary, `${prefix}.${name}`))).toEqual([])
  })
})

test('technique names stand under ids of ATT&CK for ICS, in both languages', () => {
  for (const [id, { zh, en }] of Object.entries(techniques)) {
    expect(id).toMatch(/^T0\d{3}$/)
    expect(zh).toMatch(/\p{Script=Han}/u)
    expect(en).toMatch(/^[A-Z]/)
  }
})
