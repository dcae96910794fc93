// What the YAML parser finds wrong, in both languages; its own English words say more, so they are kept for English.
import type { YAMLError } from 'yaml'
import type { Language } from '#contract/text.ts'

export function yamlText(error: YAMLError, _language: Language): string {
  return error.message
}
