// One thing that the doctor looked at: whether it is right, what it means, and what to do.
import type { Text } from '#contract/text.ts'

export interface Finding {
  /** What was looked at, stable for scripts. */
  check: string
  /** Which one: a device, a file, an address. */
  subject: string
  level: 'ok' | 'warn' | 'fail'
  text: Text
  advice?: Text
}

export const ok = (check: string, subject: string, zh: string, en: string): Finding => ({ check, subject, level: 'ok', text: { zh, en } })

export function bad(level: 'warn' | 'fail', check: string, subject: string, text: Text, advice: Text): Finding {
  return { check, subject, level, text, advice }
}

/** For sentences: the code of a fault of the machine, or its words. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : String(error)
}
