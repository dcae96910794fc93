// The section of one scenario on the report page: its attacks, the trends of the tags that were named, its alerts.
import type { Label } from '#contract/label.ts'
import type { Text } from '#contract/text.ts'
import { latestLabels } from '#rules/score.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import { durationText, rateText, VERDICT_WORDS, WORDS } from './board-words.ts'
import { both, html, momentText, offsetText, table } from './report-html.ts'
import { type Trend, trendSvg } from './report-trend.ts'

export interface SectionOptions {
  score: ScenarioScore
  id: string
  labels: readonly Label[]
  trends: readonly Trend[]
  title?: Text
}

const MAX_TRENDS = 12
const MAX_ALERTS = 200

export function scenarioSection({ score, id, labels, trends, title }: SectionOptions): string {
  const name = title === undefined ? '' : ` · ${both(title)}`
  const alerts = score.alerts.slice(0, MAX_ALERTS).map((alert, i) => ({ ...alert, number: i + 1 }))
  const played = latestLabels(labels)
  const drawn = namedTrends(score, played, trends)
  const charts = drawn.map((trend) => {
    const marks = alerts.filter((alert) => alert.tag === trend.tag || alert.tag === null)
    return `<h3>${both(trend.title)} <code>${html(trend.tag)}</code>${trend.unit === '' ? '' : ` (${html(trend.unit)})`}</h3><div class="wide">${trendSvg({ trend, span: score, labels: played, marks })}</div>`
  })
  return `<section id="${id}"><h2>${html(score.scenario)}${name}</h2>
<p class="quiet-text">${html(`${momentText(score.start)} – ${momentText(score.end)} · ${score.site}`)}</p>
<p>${both(figures(score))}</p>
${attackTable(score)}${charts.join('\n')}${alertTable(score, alerts)}</section>`
}

// Label tags first: they are what the scenario is about.
function namedTrends(score: ScenarioScore, labels: readonly Label[], trends: readonly Trend[]): Trend[] {
  const named = [...labels.flatMap((label) => label.tags), ...score.alerts.flatMap(({ tag }) => tag ?? [])]
  return [...new Set(named)].flatMap((tag) => trends.filter((trend) => trend.tag === tag)).slice(0, MAX_TRENDS)
}

function figures({ falseAlerts, falsePerDay, explained, blamed, beside, faults }: ScenarioScore): Text {
  const rate = rateText(falsePerDay)
  return {
    zh: `误报 ${falseAlerts} 条（每日 ${rate}），故障 ${faults} 次，可解释 ${explained} 条，误判为攻击 ${blamed} 条，旁及 ${beside} 条`,
    en: `False alerts ${falseAlerts} (${rate} a day), faults ${faults}, explained ${explained}, blamed ${blamed}, beside ${beside}`
  }
}

const mark = (is: boolean | null): string =>
  is === null ? html(WORDS.none.en) : `<span class="${is ? 'yes' : 'no'}">${both(is ? WORDS.yes : WORDS.no)}</span>`

function attackTable(score: ScenarioScore): string {
  if (score.attacks.length === 0) return ''
  const { attack, time, technique, targets, detected, delay, techniqueRight, named, alerts, firstRule } = WORDS
  const heads = [attack, time, technique, targets, detected, delay, techniqueRight, named, alerts, firstRule]
  const rows = score.attacks.map((one) => [
    html(one.name),
    html(offsetText(one.start - score.start)),
    html(one.technique ?? WORDS.none.en),
    `<code>${html([...one.tags, ...one.hosts].join(' '))}</code>`,
    mark(one.detected),
    html(one.delaySeconds === null ? WORDS.none.en : durationText(one.delaySeconds)),
    mark(one.techniqueRight),
    mark(one.named),
    String(one.alerts),
    `<code>${html(one.firstRule ?? WORDS.none.en)}</code>`
  ])
  return table({ caption: WORDS.attacks, heads: heads.map((text) => ({ text, figures: text === delay || text === alerts })), rows })
}

function alertTable(score: ScenarioScore, alerts: readonly (ScenarioScore['alerts'][number] & { number: number })[]): string {
  const all = score.hits + score.beside + score.explained + score.blamed + score.falseAlerts
  if (all === 0) return `<p>${both({ zh: '没有告警。', en: 'No alert was raised.' })}</p>`
  const caption = {
    zh: all > alerts.length ? `告警（共 ${all} 条，列出前 ${alerts.length} 条）` : '告警',
    en: all > alerts.length ? `Alerts (the first ${alerts.length} of ${all})` : 'Alerts'
  }
  const heads = [
    { text: { zh: '#', en: '#' }, figures: true },
    ...[WORDS.time, WORDS.verdict, WORDS.rule, WORDS.tag].map((text) => ({ text }))
  ]
  const rows = alerts.map(({ number, firstSeen, verdict, rule, title, tag }) => [
    String(number),
    html(offsetText(firstSeen - score.start)),
    both(VERDICT_WORDS[verdict]),
    `<code>${html(rule)}</code>${title === undefined ? '' : ` ${both(title)}`}`,
    `<code>${html(tag ?? WORDS.none.en)}</code>`
  ])
  return table({ caption, heads, rows })
}
