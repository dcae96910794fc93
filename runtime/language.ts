// The language of the reader, from the environment or from the words of the command line.
import { LANGUAGES, type Language } from '#contract/language.ts'

export function languageOf(environment: NodeJS.ProcessEnv = process.env): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = environment
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh-CN' : 'en'
}

/** Needed for the help texts before the command line is parsed. */
export function languageAsked(argv: readonly string[]): Language | undefined {
  const at = argv.findIndex((word) => word === '--language' || word.startsWith('--language='))
  const value = argv[at]?.includes('=') ? argv[at].split('=')[1] : argv[at + 1]
  return at < 0 ? undefined : LANGUAGES.find((one) => one === value)
}
