// Runs a whole recording through an engine, for a rehearsal of rules on the past.
import type { Finding } from '#contract/finding.ts'
import type { Engine, Judged } from './engine.ts'

export function judgeAll(engine: Engine, batches: Iterable<Judged>): Finding[] {
  const findings: Finding[] = []
  for (const batch of batches) findings.push(...engine.judge(batch))
  return findings
}
