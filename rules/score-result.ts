// What a score says: of each attack, of each scenario, and of all together. The board prints these shapes as they are.
import { z } from 'zod'
import { Time } from '#contract/envelope.ts'
import { Severity, Technique } from '#contract/finding.ts'
import { Id } from '#contract/site.ts'
import { TagName } from '#contract/tag.ts'
import { Text } from '#contract/text.ts'

const Count = z.int().min(0)

// hit: told of an attack; beside: came during one and told of something else; explained: named what a fault touched;
// blamed: did so and called it an attack; false: no label accounts for it.
export const VERDICTS = ['hit', 'beside', 'explained', 'blamed', 'false'] as const
export type Verdict = (typeof VERDICTS)[number]

export const AttackScore = z
  .strictObject({
    label: z.string().describe('The id of the label.'),
    name: z.string().describe('The attack that was played.'),
    technique: Technique.nullable().describe('Its ATT&CK for ICS technique.'),
    start: Time,
    end: Time.describe('When it ended; the end of the span for one that went on.'),
    tags: z.array(TagName).describe('The tags it worked on.'),
    hosts: z.array(z.string()).describe('The addresses it came from.'),
    detected: z.boolean().describe('Whether a hit began between its start and its end, grace included.'),
    delaySeconds: z.number().min(0).nullable().describe('From its start to the first hit; null when there was none.'),
    techniqueRight: z.boolean().describe('Whether a hit carries its technique.'),
    named: z
      .boolean()
      .nullable()
      .describe('Whether one of the three most severe alerts of its window names a tag or host of it; null when the label names none.'),
    alerts: Count.describe('All alerts that began in its window, hits or not.'),
    firstRule: z.string().nullable().describe('The rule of the first hit.')
  })
  .describe('One attack.')
export type AttackScore = z.infer<typeof AttackScore>

export const ListedAlert = z
  .strictObject({
    rule: z.string(),
    tag: TagName.nullable(),
    firstSeen: Time,
    severity: Severity,
    title: Text.optional(),
    verdict: z
      .enum(VERDICTS)
      .describe(
        'hit: told of an attack; beside: came during one and told of something else; explained: named what a fault touched; blamed: did so and called it an attack; false: no label accounts for it.'
      )
  })
  .describe('One alert and what the labels make of it.')
export type ListedAlert = z.infer<typeof ListedAlert>

const verdicts = {
  hits: Count.describe('Alerts that told of an attack.'),
  beside: Count.describe('Alerts that came during an attack and told of something else.'),
  explained: Count.describe('Alerts that named what a fault touched.'),
  blamed: Count.describe('Alerts that named what a fault touched and called it an attack.'),
  falseAlerts: Count.describe('Alerts that no label accounts for.')
}

export const ScenarioScore = z
  .strictObject({
    scenario: z.string().describe('The name of the scenario.'),
    site: Id,
    start: Time,
    end: Time,
    quiet: z.boolean().describe('True when it has no attack, played or left out.'),
    faults: Count.describe('How many faults were played.'),
    attacks: z.array(AttackScore),
    ...verdicts,
    falsePerDay: z.number().min(0).describe('False alerts for each day of the span.'),
    alerts: z.array(ListedAlert).describe('The first alerts in the order of their time; the counts above are of all.')
  })
  .describe('One scenario.')
export type ScenarioScore = z.infer<typeof ScenarioScore>

export const ScoreTotals = z
  .strictObject({
    scenarios: Count,
    quietScenarios: Count,
    attacks: Count,
    detected: Count,
    medianDelaySeconds: z.number().min(0).nullable().describe('Median over the detected attacks; null when none was.'),
    techniqueRight: Count.describe('Attacks of which a hit carries the technique.'),
    nameable: Count.describe('Attacks whose label names a tag or host.'),
    named: Count.describe('Those of them that were named among the three most severe alerts.'),
    ...verdicts,
    quietDays: z.number().min(0).describe('Days played in quiet scenarios.'),
    falsePerDay: z
      .number()
      .min(0)
      .nullable()
      .describe('False alerts of the quiet scenarios for each of their days; null when none was played.'),
    precision: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Hits among all alerts but the explained ones, which were right in another way; null without any.')
  })
  .describe('All scenarios together.')
export type ScoreTotals = z.infer<typeof ScoreTotals>
