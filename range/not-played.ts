// Steps of a timeline that a run could not play: what of a run counts without them.
import { z } from 'zod'
import type { Label } from '#contract/label.ts'
import { Text } from '#contract/text.ts'
import { GRACE_SECONDS, latestLabels, type ScoredAlert } from '#rules/score.ts'

export const NotPlayed = z
  .strictObject({
    scenario: z.string().describe('The name of the scenario.'),
    name: z.string().describe('The attack or fault.'),
    at: z.number().min(0).describe('When it was to begin, in seconds after the start.'),
    reason: Text.describe('Why it was not played.')
  })
  .describe('A step of a timeline that was not played: it counts neither as detected nor as missed.')
export type NotPlayed = z.infer<typeof NotPlayed>

export const FailedStep = NotPlayed.extend({
  label: z.string().min(1).max(200).optional().describe('The label of what was begun before it failed; it counts in no figure either.')
})
export type FailedStep = z.infer<typeof FailedStep>

export const withoutLabel = ({ label: _, ...step }: FailedStep): NotPlayed => step

interface Counted {
  labels: readonly Label[]
  alerts: readonly ScoredAlert[]
}

/** What is left to score: labels of steps that failed go, and with them the alerts for which nothing else accounts. */
export function countedOf(o: Counted & { steps: readonly FailedStep[]; graceSeconds?: number }): Counted {
  const { labels, alerts, steps, graceSeconds = GRACE_SECONDS } = o
  const failed = new Set(steps.flatMap(({ label }) => label ?? []))
  if (failed.size === 0) return { labels, alerts }
  const latest = latestLabels(labels)
  const accountsFor = ({ firstSeen }: ScoredAlert, isOf: (label: Label) => boolean) =>
    latest.some((label) => {
      const until = (label.end ?? Number.POSITIVE_INFINITY) + graceSeconds * 1000
      return isOf(label) && firstSeen >= label.start && firstSeen <= until
    })
  return {
    labels: labels.filter(({ id }) => !failed.has(id)),
    alerts: alerts.filter((one) => !accountsFor(one, ({ id }) => failed.has(id)) || accountsFor(one, ({ id }) => !failed.has(id)))
  }
}
