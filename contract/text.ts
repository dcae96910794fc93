// A text that exists in both languages, and the languages themselves.
import { z } from 'zod'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

export const Text = z
  .strictObject({
    zh: z.string().min(1).max(2000).describe('The text in simplified Chinese.'),
    en: z.string().min(1).max(2000).describe('The text in English.')
  })
  .describe('One text in both languages.')
export type Text = z.infer<typeof Text>

export function pick(text: Text, language: Language): string {
  return language === 'zh-CN' ? text.zh : text.en
}
