// Alerts of the made-up centre: the three attacks of the demo plant, some faults, and enough old ones to need pages.
import { randomUUID } from 'node:crypto'
import type { Alert, AlertDetail } from '#contract/alert.ts'
import type { Text } from '#contract/text.ts'
import { AGENT, SITE } from './fixture-plant.ts'

const MINUTE = 60_000

type Draft = Pick<Alert, 'rule' | 'kind' | 'tags' | 'title' | 'reason' | 'severity' | 'techniques' | 'condition' | 'handling'> & {
  minutesAgo: number
  why: Text
  advice: Text[]
  evidence: AlertDetail['evidence']
  parameters: AlertDetail['parameters']
}

const ADVICE: Text[] = [
  {
    zh: '致电站点值班员，核实是否有人刚刚修改过该值。',
    en: 'Call the operator on duty and ask whether somebody has just changed the value.'
  },
  {
    zh: '如非本人操作，请在现场操作屏上恢复约定值，并切换到就地控制。',
    en: 'If nobody did, restore the agreed value at the local panel and switch to local control.'
  },
  { zh: '保存报文和操作日志，不要重启控制器。', en: 'Keep captures and operator logs; do not restart the controller.' }
]

const DRAFTS: readonly Draft[] = [
  {
    rule: 'water/chlorine-setpoint',
    kind: 'process/range',
    tags: ['chlorine.setpoint', 'chlorine.residual'],
    severity: 5,
    techniques: ['T0836'],
    condition: 'active',
    handling: 'new',
    minutesAgo: 9,
    title: { zh: '余氯设定值超出约定范围', en: 'Chlorine setpoint outside its agreed band' },
    reason: {
      zh: '余氯设定值为 1.8 mg/L，高于约定上限 0.7 mg/L，已持续 10 秒。',
      en: 'The chlorine setpoint is 1.8 mg/L, above the agreed limit of 0.7 mg/L, for 10 s.'
    },
    why: {
      zh: '余氯过高会危害用户健康。约定范围之外的设定值只可能来自误操作或攻击。',
      en: 'Too much chlorine harms people. A setpoint outside the agreed band comes from a mistake or an attack.'
    },
    advice: ADVICE,
    evidence: { value: 1.8, low: 0.4, high: 0.7, limit: 0.7 },
    parameters: { low: 0.4, high: 0.7, forSeconds: 10, hysteresis: 0.01 }
  },
  {
    rule: 'water/lead-pump-automatic',
    kind: 'process/relation',
    tags: ['pump1.auto', 'pump1.running'],
    severity: 4,
    techniques: ['T0855'],
    condition: 'active',
    handling: 'acknowledged',
    minutesAgo: 31,
    title: { zh: '主泵离开自动', en: 'The lead pump left automatic' },
    reason: { zh: '主泵为 1 号泵，但 1 号泵不在自动状态，已持续 12 秒。', en: 'Pump 1 leads but is not in automatic, for 12 s.' },
    why: { zh: '主泵停运后水塔会在数小时内放空。', en: 'Without the lead pump the tower runs empty within hours.' },
    advice: ADVICE,
    evidence: { value: 0, 'pump.lead': 1, 'pump1.auto': 0 },
    parameters: { inputs: { lead: 'pump.lead', auto: 'pump1.auto' }, must: 'lead != 1.0 || auto == 1.0', forSeconds: 10 }
  },
  {
    rule: 'water/tower-level-stuck',
    kind: 'process/stuck',
    tags: ['tower.level'],
    severity: 4,
    techniques: ['T0856'],
    condition: 'cleared',
    handling: 'new',
    minutesAgo: 95,
    title: { zh: '水塔液位卡死', en: 'Tower level is stuck' },
    reason: {
      zh: '水塔液位 3.412 m 已 45 秒没有变化，而它平时一直在波动。',
      en: 'The tower level has repeated 3.412 m for 45 s, though it normally moves.'
    },
    why: { zh: '被冻结的测量值会掩盖真实液位。', en: 'A frozen measurement hides the real level.' },
    advice: ADVICE,
    evidence: { value: 3.412, seconds: 45 },
    parameters: { forSeconds: 30, minMoves: 10 }
  },
  {
    rule: 'base/device-quality',
    kind: 'process/quality',
    tags: ['zone.pressure'],
    severity: 3,
    techniques: [],
    condition: 'active',
    handling: 'investigating',
    minutesAgo: 200,
    title: { zh: '设备测点持续为坏值', en: 'Tags of the device stay bad' },
    reason: { zh: '一号泵房控制器有 1 个测点为坏值，已持续 75 秒。', en: '1 tag of Pump House 1 Controller has been bad for 75 s.' },
    why: { zh: '看不见的测点无法被判断。', en: 'What cannot be seen cannot be judged.' },
    advice: ADVICE.slice(0, 1),
    evidence: { bad: 1, tags: 42, seconds: 75, quality: 0x800a0000 },
    parameters: { forSeconds: 60 }
  }
]

function detailOf(draft: Draft, now: number, id: string): AlertDetail {
  const { minutesAgo, why, advice, evidence, parameters, ...facts } = draft
  const firstSeen = now - minutesAgo * MINUTE
  const cleared = facts.condition === 'cleared'
  const worked = facts.handling !== 'new'
  return {
    alert: {
      ...facts,
      id,
      key: id.slice(0, 16),
      version: worked ? 3 : 2,
      site: SITE.id,
      agent: AGENT,
      device: 'plc-1',
      tag: facts.tags[0] ?? null,
      view: 'polled',
      disposition: facts.handling === 'closed' ? 'authorised-change' : null,
      assignee: worked ? 'li.wei' : null,
      firstSeen,
      lastSeen: firstSeen + 2 * MINUTE,
      clearedAt: cleared ? firstSeen + 6 * MINUTE : null,
      count: 1 + (minutesAgo % 5),
      episode: 1,
      previousAlert: null
    },
    why,
    advice,
    evidence,
    parameters,
    history: [
      { time: firstSeen, what: 'raised', by: null, note: null, evidence },
      ...(cleared ? [{ time: firstSeen + 6 * MINUTE, what: 'cleared' as const, by: null, note: null, evidence: null }] : []),
      ...(worked
        ? [
            {
              time: firstSeen + 4 * MINUTE,
              what: 'acknowledge' as const,
              by: 'li.wei',
              note: 'Called the plant; checking.',
              evidence: null
            }
          ]
        : [])
    ]
  }
}

export function alerts(now: number): AlertDetail[] {
  const live = DRAFTS.map((draft, i) => detailOf(draft, now, `00000000-0000-4000-8000-00000000000${i + 1}`))
  const old = Array.from({ length: 70 }, (_, i): AlertDetail => {
    const draft = DRAFTS[i % DRAFTS.length]
    if (draft === undefined) throw new Error('no draft')
    const severity = ([2, 3, 1, 4] as const)[i % 4] ?? 2
    return detailOf(
      { ...draft, severity, condition: 'cleared', handling: i % 3 === 0 ? 'new' : 'closed', minutesAgo: 600 + i * 37 },
      now,
      randomUUID()
    )
  })
  return [...live, ...old]
}
