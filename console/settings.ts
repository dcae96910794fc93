// What this browser remembers between visits: language and appearance. Both work before sign-in.
import { LANGUAGES, type Language } from '#contract/text.ts'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export class Remembered<T extends string> {
  readonly #key: string
  readonly #listeners = new Set<() => void>()
  #value: T

  constructor({ key, allowed, otherwise }: { key: string; allowed: readonly T[]; otherwise: T }) {
    this.#key = key
    const kept = read(key)
    this.#value = allowed.find((value) => value === kept) ?? otherwise
  }

  get = (): T => this.#value

  set(value: T): void {
    this.#value = value
    write(this.#key, value)
    for (const listener of this.#listeners) listener()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

// A browser may forbid storage; then the choice lasts as long as the page.
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Nothing is lost but the memory of a choice.
  }
}

// The first language of the browser that we speak decides; without any it is the language of the product's home.
const spoken = navigator.languages.find((name) => /^(zh|en)\b/i.test(name)) ?? 'zh'

export const language = new Remembered<Language>({
  key: 'penstock.language',
  allowed: LANGUAGES,
  otherwise: spoken.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
})

export const theme = new Remembered<Theme>({ key: 'penstock.theme', allowed: THEMES, otherwise: 'auto' })
