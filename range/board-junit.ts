// The board as JUnit XML, so that any build server shows it: one case for each attack, each quiet scenario, each step that was not
// played, which is skipped, each scenario that was not played to its end, and each threshold that was missed.

import { type Language, pick, type Text } from '#contract/text.ts'
import type { AttackScore, ScenarioScore } from '#rules/score-result.ts'
import type { Board } from './board.ts'
import { clockText, durationText, rateText } from './board-words.ts'
import { firstLine, type Unfinished } from './unfinished.ts'

export interface JunitOptions {
  board: Board
  language: Language
  /** Thresholds that were missed; left out when there was no threshold file. */
  missed?: readonly Text[]
  /** A quiet scenario with more false alerts a day fails; from the threshold file when there is one. */
  falsePerDayAtMost?: number
}

interface Case {
  name: string
  seconds: number
  failure?: Text
  skipped?: Text
  output?: Text
}

interface Suite {
  name: string
  cases: readonly Case[]
}

export function boardJunit({ board, language, missed, falsePerDayAtMost = 0 }: JunitOptions): string {
  const suites: Suite[] = [
    ...board.scenarios.map((scenario) => ({ name: scenario.scenario, cases: casesOf(board, scenario, falsePerDayAtMost) })),
    ...board.unfinished.map((one) => ({ name: one.scenario, cases: [unfinishedCase(one)] })),
    ...(missed === undefined ? [] : [{ name: 'thresholds', cases: thresholdCases(missed) }])
  ]
  const all = suites.flatMap((suite) => suite.cases)
  const body = suites.map(({ name, cases }) =>
    element('testsuite', { name, ...figures(cases) }, cases.map((one) => caseElement(name, one, language)).join(''))
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'penstock range', ...figures(all) }, body.join(''))}`
}

function casesOf({ notPlayed }: Board, scenario: ScenarioScore, limit: number): Case[] {
  const skipped = notPlayed
    .filter((one) => one.scenario === scenario.scenario)
    .map(({ name, at, reason }): Case => ({ name: `${name} (${clockText(at)})`, seconds: 0, skipped: reason }))
  return [...(scenario.quiet ? [quietCase(scenario, limit)] : scenario.attacks.map(attackCase)), ...skipped]
}

// What failed fails; what was only interrupted is skipped.
function unfinishedCase({ scenario, why, reason }: Unfinished): Case {
  return {
    name: `scenario (${scenario})`,
    seconds: 0,
    ...(why === 'failed' ? { failure: firstLine(reason), output: reason } : { skipped: reason })
  }
}

function thresholdCases(missed: readonly Text[]): Case[] {
  if (missed.length === 0) return [{ name: 'all thresholds', seconds: 0 }]
  return missed.map((failure, i) => ({ name: `threshold ${i + 1}`, seconds: 0, failure }))
}

function attackCase(attack: AttackScore): Case {
  const name = `${attack.name} (${attack.label})`
  if (attack.delaySeconds === null)
    return {
      name,
      seconds: 0,
      failure: { zh: `攻击 ${attack.name} 未被发现`, en: `attack ${attack.name} was not detected` },
      output: { zh: `窗口内告警 ${attack.alerts} 条`, en: `${attack.alerts} alerts in its window` }
    }
  const delay = durationText(attack.delaySeconds)
  return {
    name,
    seconds: attack.delaySeconds,
    output: {
      zh: `${delay} 后由 ${attack.firstRule} 发现；技术${attack.techniqueRight ? '正确' : '不符'}`,
      en: `detected after ${delay} by ${attack.firstRule}; technique ${attack.techniqueRight ? 'right' : 'not right'}`
    }
  }
}

function quietCase({ scenario, falseAlerts, falsePerDay, explained, blamed }: ScenarioScore, limit: number): Case {
  const rate = rateText(falsePerDay)
  const failure: Text = {
    zh: `误报 ${falseAlerts} 条，每日 ${rate}，至多 ${rateText(limit)}`,
    en: `${falseAlerts} false alerts, ${rate} a day, at most ${rateText(limit)}`
  }
  return {
    name: `quiet (${scenario})`,
    seconds: 0,
    ...(falsePerDay > limit ? { failure } : {}),
    output: { zh: `可解释 ${explained} 条，误判为攻击 ${blamed} 条`, en: `${explained} explained, ${blamed} blamed` }
  }
}

function figures(cases: readonly Case[]): Record<string, string> {
  return {
    tests: String(cases.length),
    failures: String(cases.filter((one) => one.failure !== undefined).length),
    skipped: String(cases.filter((one) => one.skipped !== undefined).length),
    time: cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3)
  }
}

function caseElement(scenario: string, { name, seconds, failure, skipped, output }: Case, language: Language): string {
  const told = [
    failure === undefined ? '' : element('failure', { message: pick(failure, language) }, ''),
    skipped === undefined ? '' : element('skipped', { message: pick(skipped, language) }, ''),
    output === undefined ? '' : element('system-out', {}, xml(pick(output, language)))
  ]
  return element('testcase', { classname: scenario, name, time: seconds.toFixed(3) }, told.join(''))
}

function element(name: string, attributes: Record<string, string>, body: string): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${xml(value)}"`)
  return body === '' ? `<${name}${written.join('')}/>\n` : `<${name}${written.join('')}>${body}</${name}>\n`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

// XML 1.0, 2.2: no other control characters, no lone surrogates, not U+FFFE and U+FFFF, not even as references.
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** Safe in attributes and text; white space stays what it is in attributes only when it is written as a reference. */
export function xml(text: string): string {
  return text
    .replace(NO_XML, '\ufffd')
    .replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one)
    .replace(/[\t\n\r]/g, (one) => `&#${one.charCodeAt(0)};`)
}
