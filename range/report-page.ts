// The board as one HTML file that opens anywhere: no network, no script, both languages, light and dark, small by its buckets.
import { createHash } from 'node:crypto'
import type { Label } from '#contract/label.ts'
import type { Language, Text } from '#contract/text.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import type { Board } from './board.ts'
import { howPlayedLines, notPlayedLines, totalLines } from './board-table.ts'
import { WORDS } from './board-words.ts'
import { both, html } from './report-html.ts'
import { scenarioSection } from './report-scenario.ts'
import { REPORT_STYLE } from './report-style.ts'
import type { Trend } from './report-trend.ts'
import { unfinishedText } from './unfinished.ts'

export interface ScenarioDetail {
  labels: readonly Label[]
  trends: readonly Trend[]
  title?: Text
}

export interface ReportOptions {
  board: Board
  /** By the name of the scenario; a scenario without details is shown with its figures alone. */
  details: ReadonlyMap<string, ScenarioDetail>
  /** The language that shows first. */
  language: Language
  /** Thresholds that were missed; left out when there was no threshold file. */
  missed?: readonly Text[]
}

export function reportPage({ board, details, language, missed }: ReportOptions): string {
  const style = createHash('sha256').update(REPORT_STYLE).digest('base64')
  const sections = board.scenarios.map((score, i) =>
    scenarioSection({ score, id: `s${i + 1}`, ...(details.get(score.scenario) ?? NOTHING) })
  )
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${style}'">
<title>${html(`${WORDS.title.zh} · ${WORDS.title.en}`)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header><h1>${both(WORDS.title)}</h1>
<fieldset><legend>语言 · Language</legend>${choice('zh', '中文', language === 'zh-CN')}${choice('en', 'English', language === 'en')}</fieldset></header>
<main>
<section>${totalLines(board.totals)
    .map((line) => `<p>${both(line)}</p>`)
    .join('')}
${howPlayedLines(board)
  .map((line) => `<p class="quiet-text">${both(line)}</p>`)
  .join('')}${missed === undefined ? '' : missedList(missed)}${unfinishedList(board)}${notPlayedList(board)}
${LEGEND}
<nav><ul>${board.scenarios.map((one, i) => `<li><a href="#s${i + 1}">${html(one.scenario)}</a> ${outcome(one)}</li>`).join('')}</ul></nav></section>
${sections.join('\n')}
</main>
</body>
</html>
`
}

const NOTHING: ScenarioDetail = { labels: [], trends: [] }

const choice = (id: string, name: string, checked: boolean): string =>
  `<input type="radio" name="language" id="in-${id}"${checked ? ' checked' : ''}><label for="in-${id}">${name}</label> `

// What one wants to know of a scenario before looking at it.
function outcome({ quiet, attacks, falseAlerts }: ScenarioScore): string {
  if (!quiet && attacks.length === 0) return both({ zh: '攻击未播放', en: 'no attack was played' })
  const detected = attacks.filter((attack) => attack.detected).length
  const text = quiet
    ? { zh: `误报 ${falseAlerts}`, en: `false alerts ${falseAlerts}` }
    : { zh: `发现 ${detected}/${attacks.length}`, en: `detected ${detected} of ${attacks.length}` }
  const good = quiet ? falseAlerts === 0 : detected === attacks.length
  return `<span class="${good ? 'yes' : 'no'}">${both(text)}</span>`
}

function unfinishedList({ unfinished }: Board): string {
  if (unfinished.length === 0) return ''
  const title = both({
    zh: `未播放完的场景：${unfinished.length} 个`,
    en: `Scenarios that were not played to their end: ${unfinished.length}`
  })
  const lines = unfinished.map((one) => `<li>${both(unfinishedText(one))}</li>`)
  return `<p class="no">${title}</p><ul class="not-played">${lines.join('')}</ul>`
}

// Left out when all was played.
function notPlayedList(board: Board): string {
  const lines = notPlayedLines(board)
  if (lines.length === 0) return ''
  const title = both({
    zh: `未播放的步骤：${lines.length} 项，不计入任何数值`,
    en: `Steps not played: ${lines.length}; they count in no figure`
  })
  return `<p>${title}</p><ul class="not-played">${lines.map((line) => `<li>${both(line)}</li>`).join('')}</ul>`
}

function missedList(missed: readonly Text[]): string {
  if (missed.length === 0) return `<p class="yes">${both({ zh: '达到全部门限', en: 'All thresholds are reached' })}</p>`
  const title = both({ zh: `未达到的门限：${missed.length} 项`, en: `Thresholds missed: ${missed.length}` })
  return `<p class="no">${title}</p><ul>${missed.map((line) => `<li>${both(line)}</li>`).join('')}</ul>`
}

const sign = (body: string, text: Text): string => `<span><svg viewBox="0 0 26 14" aria-hidden="true">${body}</svg>${both(text)}</span>`

const LEGEND = `<p class="legend">${[
  sign('<g class="attack"><rect width="26" height="14"/><path d="M0 2h26"/></g>', { zh: '攻击', en: 'attack' }),
  sign('<g class="fault"><rect width="26" height="14"/><path d="M0 2h26"/></g>', { zh: '故障', en: 'fault' }),
  sign('<g class="hit"><path class="flag" d="M13 11l-6 -8h12z"/></g>', { zh: '命中的告警', en: 'alert that is a hit' }),
  sign('<g class="other"><path class="flag" d="M13 11l-6 -8h12z"/></g>', { zh: '其他告警', en: 'other alert' }),
  sign('<path class="line" d="M0 5H26V10H0Z"/>', { zh: '每一时段的最低至最高值', en: 'lowest to highest value of each bucket' })
].join('')}</p>`
