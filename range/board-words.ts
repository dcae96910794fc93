// The words of the board, for table, page and JUnit alike.
import type { Text } from '#contract/text.ts'
import type { Verdict } from '#rules/score-result.ts'

export const WORDS = {
  title: { zh: '靶场成绩', en: 'The board of the range' },
  scenario: { zh: '场景', en: 'scenario' },
  attack: { zh: '攻击', en: 'attack' },
  attacks: { zh: '攻击', en: 'Attacks' },
  technique: { zh: '技术', en: 'technique' },
  detected: { zh: '发现', en: 'detected' },
  delay: { zh: '延迟', en: 'delay' },
  techniqueRight: { zh: '技术正确', en: 'technique right' },
  named: { zh: '指明对象', en: 'target named' },
  alerts: { zh: '告警', en: 'alerts' },
  firstRule: { zh: '首个命中规则', en: 'first rule' },
  quiet: { zh: '安静场景', en: 'quiet scenario' },
  days: { zh: '天数', en: 'days' },
  faults: { zh: '故障', en: 'faults' },
  explained: { zh: '可解释', en: 'explained' },
  blamed: { zh: '误判为攻击', en: 'blamed' },
  falseAlerts: { zh: '误报', en: 'false' },
  falsePerDay: { zh: '每日误报', en: 'false per day' },
  medianDelay: { zh: '延迟中位数', en: 'median delay' },
  precision: { zh: '精确率', en: 'precision' },
  yes: { zh: '是', en: 'yes' },
  no: { zh: '否', en: 'no' },
  none: { zh: '—', en: '—' },
  time: { zh: '时间', en: 'time' },
  rule: { zh: '规则', en: 'rule' },
  tag: { zh: '测点', en: 'tag' },
  verdict: { zh: '判定', en: 'verdict' },
  targets: { zh: '对象', en: 'targets' }
} as const satisfies Record<string, Text>

export const VERDICT_WORDS: Readonly<Record<Verdict, Text>> = {
  hit: { zh: '命中', en: 'hit' },
  beside: { zh: '旁及', en: 'beside' },
  explained: { zh: '可解释', en: 'explained' },
  blamed: { zh: '误判为攻击', en: 'blamed' },
  false: { zh: '误报', en: 'false' }
}

export const NO_QUIET_DAY: Text = { zh: '未播放安静场景', en: 'no quiet scenario was played' }

/** 12.4 s, 3 min 20 s, 2 h 5 min: two parts at most, so that columns stay narrow. */
export function durationText(seconds: number): string {
  if (seconds < 59.95) return `${(Math.round(seconds * 10) / 10).toString()} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** 0:05:30, 30:00:00: hours, minutes and seconds, as they stand in scenarios. */
export function clockText(seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

export const rateText = (rate: number): string => (rate >= 100 ? rate.toFixed(0) : rate.toFixed(2))
export const shareText = (share: number): string => `${(share * 100).toFixed(1)} %`
