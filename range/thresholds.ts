// The threshold file: what a run must reach at least. Every line that was missed is told, in both languages.
import { z } from 'zod'
import { Technique } from '#contract/finding.ts'
import type { Language, Text } from '#contract/text.ts'
import { median } from '#rules/score-totals.ts'
import { readConfig } from '#runtime/config-file.ts'
import type { Board } from './board.ts'
import { durationText, NO_QUIET_DAY, rateText, shareText } from './board-words.ts'

const Count = z.int().min(0)
const Share = z.number().min(0).max(1)

const ScenarioThreshold = z
  .strictObject({
    detectedAtLeast: Count.optional().describe('How many of its attacks must be detected.'),
    medianDelaySecondsAtMost: z.number().min(0).optional().describe('How late its detected attacks may be, as a median.'),
    falseAtMost: Count.optional().describe('How many false alerts it may raise.')
  })
  .describe('What one scenario must reach.')

export const Thresholds = z
  .strictObject({
    detectedAtLeast: Count.optional().describe('How many attacks must be detected.'),
    detectedShareAtLeast: Share.optional().describe('Which share of the attacks must be detected, 0 to 1.'),
    medianDelaySecondsAtMost: z.number().min(0).optional().describe('How late detected attacks may be, as a median in seconds.'),
    techniqueRightAtLeast: Count.optional().describe('For how many attacks the technique must be right.'),
    namedAtLeast: Count.optional().describe('For how many attacks the target must be named.'),
    falsePerDayAtMost: z.number().min(0).optional().describe('How many false alerts quiet scenarios may raise each day.'),
    blamedAtMost: Count.optional().describe('How many alerts may call a fault an attack.'),
    precisionAtLeast: Share.optional().describe('Which share of the alerts must tell of an attack, 0 to 1.'),
    techniques: z
      .array(Technique)
      .max(200)
      .default([])
      .describe('Techniques of which every attack that was played must be detected; one that was not played is missed.'),
    scenarios: z
      .record(z.string().max(200), ScenarioThreshold)
      .default({})
      .describe('What single scenarios must reach, by name; one that was not played is missed.')
  })
  .describe('What a run of the range must reach.')
export type Thresholds = z.infer<typeof Thresholds>

export async function readThresholds(options: { file: string; language: Language }): Promise<Thresholds> {
  return (await readConfig({ ...options, schema: Thresholds })).config
}

/** What was missed; nothing when all is reached. */
export function missedThresholds(board: Board, thresholds: Thresholds): Text[] {
  const { totals } = board
  const all = { zh: '全部场景', en: 'All scenarios' }
  return [
    ...least(all, DETECTED, totals.detected, thresholds.detectedAtLeast),
    ...least(all, DETECTED_SHARE, totals.attacks === 0 ? null : totals.detected / totals.attacks, thresholds.detectedShareAtLeast),
    ...most(all, DELAY, totals.medianDelaySeconds, thresholds.medianDelaySecondsAtMost),
    ...least(all, TECHNIQUE, totals.techniqueRight, thresholds.techniqueRightAtLeast),
    ...least(all, NAMED, totals.named, thresholds.namedAtLeast),
    ...(thresholds.falsePerDayAtMost !== undefined && totals.falsePerDay === null ? [NO_QUIET_DAY] : []),
    ...most(all, FALSE_PER_DAY, totals.falsePerDay, thresholds.falsePerDayAtMost),
    ...most(all, BLAMED, totals.blamed, thresholds.blamedAtMost),
    ...least(all, PRECISION, totals.precision, thresholds.precisionAtLeast),
    ...thresholds.techniques.flatMap((technique) => missedTechnique(board, technique)),
    ...Object.entries(thresholds.scenarios).flatMap(([name, wanted]) => missedScenario(board, name, wanted))
  ]
}

interface Measure {
  name: Text
  show: (figure: number) => string
}

const DETECTED: Measure = { name: { zh: '发现的攻击', en: 'attacks detected' }, show: String }
const DETECTED_SHARE: Measure = { name: { zh: '发现的攻击占比', en: 'share of attacks detected' }, show: shareText }
const DELAY: Measure = { name: { zh: '延迟中位数', en: 'median delay' }, show: durationText }
const TECHNIQUE: Measure = { name: { zh: '技术正确', en: 'technique right' }, show: String }
const NAMED: Measure = { name: { zh: '指明对象', en: 'target named' }, show: String }
const FALSE_PER_DAY: Measure = { name: { zh: '每日误报', en: 'false alerts per quiet day' }, show: rateText }
const FALSE: Measure = { name: { zh: '误报', en: 'false alerts' }, show: String }
const BLAMED: Measure = { name: { zh: '故障误判为攻击', en: 'faults blamed on an attacker' }, show: String }
const PRECISION: Measure = { name: { zh: '精确率', en: 'precision' }, show: shareText }

// A share of nothing reaches no threshold.
function least(where: Text, { name, show }: Measure, is: number | null, wanted: number | undefined): Text[] {
  if (wanted === undefined || (is !== null && is >= wanted)) return []
  const shown = is === null ? '—' : show(is)
  return [
    {
      zh: `${where.zh}：${name.zh} ${shown}，至少应为 ${show(wanted)}`,
      en: `${where.en}: ${name.en} ${shown}, must be at least ${show(wanted)}`
    }
  ]
}

// A delay of nothing is not too long: how much must be detected is a threshold of its own.
function most(where: Text, { name, show }: Measure, is: number | null, wanted: number | undefined): Text[] {
  if (wanted === undefined || is === null || is <= wanted) return []
  return [
    {
      zh: `${where.zh}：${name.zh} ${show(is)}，至多应为 ${show(wanted)}`,
      en: `${where.en}: ${name.en} ${show(is)}, must be at most ${show(wanted)}`
    }
  ]
}

function missedTechnique(board: Board, technique: string): Text[] {
  const played = board.scenarios.flatMap((one) =>
    one.attacks.filter((attack) => attack.technique === technique).map((attack) => ({ attack, scenario: one.scenario }))
  )
  if (played.length === 0) return [{ zh: `${technique}：未播放此技术的攻击`, en: `${technique}: no attack of this technique was played` }]
  return played
    .filter(({ attack }) => !attack.detected)
    .map(({ attack, scenario }) => ({
      zh: `${technique}：场景 ${scenario} 的攻击 ${attack.name} 未被发现`,
      en: `${technique}: attack ${attack.name} of scenario ${scenario} was not detected`
    }))
}

function missedScenario(board: Board, name: string, wanted: z.infer<typeof ScenarioThreshold>): Text[] {
  const played = board.scenarios.find((one) => one.scenario === name)
  if (played === undefined) return [{ zh: `场景 ${name}：未播放`, en: `Scenario ${name}: was not played` }]
  const where = { zh: `场景 ${name}`, en: `Scenario ${name}` }
  const delays = played.attacks.flatMap((attack) => attack.delaySeconds ?? [])
  return [
    ...least(where, DETECTED, played.attacks.filter((attack) => attack.detected).length, wanted.detectedAtLeast),
    ...most(where, DELAY, median(delays), wanted.medianDelaySecondsAtMost),
    ...most(where, FALSE, played.falseAlerts, wanted.falseAtMost)
  ]
}
