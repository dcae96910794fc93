// The words, numbers and times of the language in use, for every part of the page.
import { useMemo, useSyncExternalStore } from 'react'
import { type Language, pick, type Text } from '#contract/text.ts'
import { createFormat, type Format } from './format.ts'
import { createTranslate, type Translate } from './i18n.ts'
import { language } from './settings.ts'

export interface Words {
  language: Language
  t: Translate
  /** The side of a bilingual text that is in use; otherwise what stands in its place. */
  say(text: Text | undefined | null, otherwise?: string): string
  format: Format
}

const made = new Map<Language, Words>()

function wordsOf(name: Language): Words {
  let words = made.get(name)
  if (words === undefined) {
    words = {
      language: name,
      t: createTranslate(name),
      say: (text, otherwise = '') => (text ? pick(text, name) : otherwise),
      format: createFormat(name)
    }
    made.set(name, words)
  }
  return words
}

export function useWords(): Words {
  const name = useSyncExternalStore(language.subscribe, language.get)
  return useMemo(() => wordsOf(name), [name])
}
