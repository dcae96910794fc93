// A text that exists in both languages.
import { z } from 'zod'

export { LANGUAGES, type Language, pick } from './language.ts'

export const Text = z
  .strictObject({
    zh: z.string().min(1).max(2000).describe('The text in simplified Chinese.'),
    en: z.string().min(1).max(2000).describe('The text in English.')
  })
  .describe('One text in both languages.')
export type Text = z.infer<typeof Text>
