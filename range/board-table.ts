// The board on a terminal: one line for each attack, one for each quiet scenario, and the totals.
import { type Language, pick, type Text } from '#contract/text.ts'
import { daysOf } from '#rules/score.ts'
import type { AttackScore, ScenarioScore, ScoreTotals } from '#rules/score-result.ts'
import { type Cell, type Column, consoleTable } from '#runtime/console-table.ts'
import type { Board } from './board.ts'
import { durationText, NO_QUIET_DAY, rateText, shareText, WORDS } from './board-words.ts'
import { unfinishedText } from './unfinished.ts'

export function boardTable(options: { board: Board; language: Language; stream?: NodeJS.WriteStream }): string {
  const { board, language, stream = process.stdout } = options
  const say = (text: Text) => pick(text, language)
  const table = (columns: Column[], rows: (string | Cell)[][]) => (rows.length === 0 ? [] : [consoleTable({ columns, rows, stream })])
  return [
    ...table(
      attackColumns(say),
      board.scenarios.flatMap((one) => one.attacks.map((attack) => attackRow(one, attack, say)))
    ),
    ...table(
      quietColumns(say),
      board.scenarios.filter((one) => one.quiet).map((one) => quietRow(one))
    ),
    [...totalLines(board.totals), ...howPlayedLines(board), ...notPlayedLines(board), ...board.unfinished.map(unfinishedText)]
      .map((line) => say(line))
      .join('\n')
  ].join('\n\n')
}

type Say = (text: Text) => string

const columns = (say: Say, words: readonly (Text | [Text])[]): Column[] =>
  words.map((word) => ('zh' in word ? { title: say(word) } : { title: say(word[0]), align: 'right' }))

// A word in brackets heads a column of figures.
const attackColumns = (say: Say) => {
  const { scenario, attack, technique, detected, delay, techniqueRight, named, alerts, falseAlerts, firstRule } = WORDS
  return columns(say, [scenario, attack, technique, detected, [delay], techniqueRight, named, [alerts], [falseAlerts], firstRule])
}

function attackRow(scenario: ScenarioScore, attack: AttackScore, say: Say): (string | Cell)[] {
  const mark = (is: boolean | null): Cell =>
    is === null ? { text: say(WORDS.none) } : { text: say(is ? WORDS.yes : WORDS.no), style: is ? 'green' : 'red' }
  return [
    scenario.scenario,
    attack.name,
    attack.technique ?? say(WORDS.none),
    mark(attack.detected),
    attack.delaySeconds === null ? say(WORDS.none) : durationText(attack.delaySeconds),
    mark(attack.techniqueRight),
    mark(attack.named),
    String(attack.alerts),
    String(scenario.falseAlerts),
    attack.firstRule ?? say(WORDS.none)
  ]
}

const quietColumns = (say: Say) =>
  columns(say, [WORDS.quiet, [WORDS.days], [WORDS.faults], [WORDS.explained], [WORDS.blamed], [WORDS.falseAlerts], [WORDS.falsePerDay]])

function quietRow(one: ScenarioScore): (string | Cell)[] {
  const clean = one.falseAlerts === 0
  return [
    one.scenario,
    daysOf(one).toFixed(1),
    String(one.faults),
    String(one.explained),
    String(one.blamed),
    { text: String(one.falseAlerts), style: clean ? 'green' : 'red' },
    rateText(one.falsePerDay)
  ]
}

/** How to read times and delays, a sentence a line; the page shows them too. */
export function howPlayedLines({ mode, live, graceSeconds }: Pick<Board, 'mode' | 'live' | 'graceSeconds'>): Text[] {
  const grace = { zh: `宽限 ${graceSeconds} 秒`, en: `grace ${graceSeconds} s` }
  if (mode === 'fast')
    return [{ zh: `不经套接字播放，按厂站时间计；${grace.zh}`, en: `Played without sockets, in the time of the plant; ${grace.en}` }]
  const { speed = 1, broker } = live ?? {}
  const through = broker === undefined ? { zh: '消息代理', en: 'a broker' } : BROKER_NAMES[broker]
  const played = {
    zh: `经真实套接字与${through.zh}实况播放，${speed === 1 ? '实时' : `厂站 ${speed} 倍速，按厂站时间计`}；${grace.zh}`,
    en: `Played live over real sockets and ${through.en}, ${speed === 1 ? 'in real time' : `the plant ${speed} times faster, in the time of the plant`}; ${grace.en}`
  }
  if (speed === 1) return [played]
  const apart = {
    zh: `采集代理与规则未加速：它们用去的每一秒在延迟中计为 ${speed} 秒，变化率在它们看来陡了 ${speed} 倍；准确数值请以 --speed 1 为准`,
    en: `Agent and rules kept their own speed: each second that they took counts as ${speed} in a delay, and rates look ${speed} times steeper to them; --speed 1 gives figures to rely on`
  }
  return [played, apart]
}

const BROKER_NAMES = {
  mosquitto: { zh: ' Mosquitto ', en: 'Mosquitto' },
  embedded: { zh: '内置消息代理', en: "the collector's own broker" }
}

/** Steps that were not played, a line for each; the page shows them too. */
export function notPlayedLines({ notPlayed }: Pick<Board, 'notPlayed'>): Text[] {
  return notPlayed.map(({ scenario, name, reason }) => ({
    zh: `${scenario}：${name} ${reason.zh}`,
    en: `${scenario}: ${name} ${reason.en}`
  }))
}

/** The totals, a sentence a line; the page shows them too. */
export function totalLines(totals: ScoreTotals): Text[] {
  const { attacks, detected, medianDelaySeconds, techniqueRight, named, nameable, falsePerDay, precision, blamed } = totals
  const delay = medianDelaySeconds === null ? WORDS.none.en : durationText(medianDelaySeconds)
  const rate = falsePerDay === null ? NO_QUIET_DAY : { zh: rateText(falsePerDay), en: rateText(falsePerDay) }
  const share = precision === null ? WORDS.none.en : shareText(precision)
  return [
    {
      zh: `发现 ${detected}/${attacks} 次攻击，延迟中位数 ${delay}`,
      en: `Detected ${detected} of ${attacks} attacks, median delay ${delay}`
    },
    {
      zh: `技术正确 ${techniqueRight}/${attacks}，指明对象 ${named}/${nameable}`,
      en: `Technique right for ${techniqueRight} of ${attacks}, target named for ${named} of ${nameable}`
    },
    {
      zh: `安静场景每日误报：${rate.zh}；故障误判为攻击 ${blamed} 次`,
      en: `False alerts per quiet day: ${rate.en}; faults blamed on an attacker: ${blamed}`
    },
    { zh: `精确率 ${share}`, en: `Precision ${share}` }
  ]
}
