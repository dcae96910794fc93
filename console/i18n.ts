// Turns a key of the dictionary into a sentence. A missing key, or a missing value for a place in it, does not compile.
import type { Language, Text } from '#contract/text.ts'
import { dictionary } from './words/dictionary.ts'

export type Entries = Readonly<Record<string, Text>>
export type Word = keyof typeof dictionary

type PlacesOf<S extends string> = S extends `${string}{${infer Place}}${infer Rest}`
  ? (Place extends `${infer Name}|${string}` ? Name : Place) | PlacesOf<Rest>
  : never
export type Places<W extends Word> = PlacesOf<(typeof dictionary)[W]['en'] | (typeof dictionary)[W]['zh']>
/** Words without a place for a value. */
export type PlainWord = { [W in Word]: [Places<W>] extends [never] ? W : never }[Word]
export type Values<W extends Word> = [Places<W>] extends [never] ? [] : [values: Readonly<Record<Places<W>, string | number>>]
export type Translate = <W extends Word>(word: W, ...values: Values<W>) => string

const PLACE = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g

export function createTranslate(language: Language): Translate {
  const numbers = new Intl.NumberFormat(language)
  const plural = new Intl.PluralRules(language)
  return (word, ...[values]) => {
    const entry = dictionary[word]
    const sentence: string = language === 'zh-CN' ? entry.zh : entry.en
    if (values === undefined) return sentence
    const given: Readonly<Record<string, string | number>> = values
    return sentence.replace(PLACE, (place, name: string, one?: string, many?: string) => {
      const value = given[name]
      if (value === undefined) return place
      if (one !== undefined && many !== undefined) return plural.select(Number(value)) === 'one' ? one : many
      return typeof value === 'number' ? numbers.format(value) : value
    })
  }
}

// True for a key that the dictionary has: evidence and parameters carry names that only the rules know.
export function isPlainWord(key: string): key is PlainWord {
  return Object.hasOwn(dictionary, key)
}
