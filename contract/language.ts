// The languages that texts exist in. Apart from text.ts, because a help page shall not wait for the schemas to load.
export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

export function pick<T>(text: { zh: T; en: T }, language: Language): T {
  return language === 'zh-CN' ? text.zh : text.en
}
