// The reference pages of attacks and faults: what each does, where, to which tags by default, and its parameters.
import { z } from 'zod'
import { type Language, pick, type Text } from '#contract/text.ts'
import { techniques } from '../console/words/techniques.ts'
import { ATTACKS } from '../simulators/attacks/attacks.ts'
import { FAULTS } from '../simulators/faults/faults.ts'
import { TROUBLES } from '../simulators/faults/troubles.ts'
import { mapOf } from '../simulators/maps.ts'
import { PLANTS } from '../simulators/plants/plant.ts'
import { attackNamed, faultNamed } from '../simulators/player.ts'
import { tagNamed } from '../simulators/plc/tag-map.ts'
import { shownValue } from '../simulators/value-text.ts'
import { type UsualTarget, usualTargetsOf } from './attack-targets.ts'
import { ATTACK_TEXTS, FAULT_TEXTS } from './attack-texts.ts'
import { listed, type Say } from './page-parts.ts'
import { PARAMETERS_ZH } from './parameter-texts.ts'

export interface PageOptions {
  language: Language
  say: Say
  /** Writes the fields of a schema as a table. */
  fields: (schema: z.core.JSONSchema.BaseSchema) => string
}

type Attack = NonNullable<ReturnType<typeof attackNamed>>

const NEEDS: Readonly<Record<'tamper' | 'opcua' | 'eyes', Text>> = {
  tamper: { zh: '报文路径上的位置', en: 'a place on the wire' },
  opcua: { zh: 'OPC UA 服务', en: 'an OPC UA server' },
  eyes: { zh: '本方采集代理', en: 'an agent of ours' }
}
const NEEDS_PAST: Text = { zh: '此前的读数', en: 'what was shown before' }

const EXAMPLE = `\`\`\`yaml
timeline:
  - at: "00:10"
    for: "00:20"
    attack: sensor-bias
    with: { tag: tower.level, percent: 10 }
  - at: "00:45"
    fault: breakdown
    with: { what: leak, amount: 30 }
\`\`\``

export async function attackPage({ language, say, fields }: PageOptions): Promise<string[]> {
  const attacks = Object.keys(ATTACKS).flatMap((name) => attackNamed(name) ?? [])
  const abouts: Readonly<Record<string, Text>> = ATTACK_TEXTS
  const sections: string[] = []
  for (const attack of attacks) {
    const about = abouts[attack.name] ?? attack.title
    const targets = targetTable(await usualTargetsOf(attack.name), { language, say })
    const told = [factsOf(attack, { language, say }), pick(about, language), targets]
    sections.push(`## ${attack.name}`, ...told.filter((part) => part !== ''), parameterTable(attack.parameters, { language, say, fields }))
  }
  return [
    `# ${say('攻击', 'Attacks')}`,
    say('模拟器能播放的攻击。时间线中的一步：', 'What simulators can play. A step of a timeline:'),
    EXAMPLE,
    say(
      '`at` 为启动后的时刻，`for` 为之后多久撤销（不写则到结束），写法为 `时:分` 或 `时:分:秒`，均按厂站时间；`with` 为下列参数，都有默认值的可不写。' +
        '测点名与单位见[厂站与测点](plants.zh-CN.md)，故障见[故障](faults.zh-CN.md)。参数的类型、范围与默认值取自程序本身。',
      '`at` is the time after the start and `for` how long it lasts until it is undone (without it, to the end), as `hours:minutes` or ' +
        '`hours:minutes:seconds` in the time of the plant; `with` holds the parameters below and may be left out where each has a default. ' +
        'Names and units of tags: [plants and their tags](plants.md); what is no attack: [faults](faults.md).'
    ),
    say(
      '技术为 ATT&CK for ICS 编号，标注与成绩表以此为准。攻击者只能触及本场景的模拟 PLC：没有任何参数可以指定别的地址。',
      'The technique is that of ATT&CK for ICS; labels carry it and the board asks for it. An attacker reaches the simulated PLC of its ' +
        'scenario and nothing else: there is no parameter for another address.'
    ),
    needsText(say),
    listed(
      [say('攻击', 'attack'), say('名称', 'title'), say('技术', 'technique'), say('厂站', 'plants'), say('需要', 'needs')],
      attacks.map((attack) => [
        `[${attack.name}](#${attack.name})`,
        pick(attack.title, language),
        attack.technique,
        plantsText(attack, say),
        needsOf(attack)
          .map((need) => pick(need, language))
          .join(', ')
      ])
    ),
    ...sections
  ]
}

const needsText = (say: Say): string =>
  listed(
    [say('需要', 'needs'), say('怎样提供', 'how to give it'), say('由谁播放', 'played by')],
    [
      [
        say(...pair(NEEDS.tamper)),
        say(
          '场景中写 `modbus: { path: { port: 1503 } }`，让采集代理从该端口读取；靶场自行安排',
          '`modbus: { path: { port: 1503 } }` in the scenario, and the agent reading by that port; the range sees to it by itself'
        ),
        'simulate, range'
      ],
      [
        say(...pair(NEEDS.opcua)),
        say('`--opcua :4840`，或场景中的 `opcua`', '`--opcua :4840`, or `opcua` in the scenario'),
        'simulate, range --live'
      ],
      [say(...pair(NEEDS.eyes)), say('靶场自带', 'the range has one'), 'range'],
      [say(...pair(NEEDS_PAST)), say('写进时间线，或带 `--web` 启动', 'a timeline that plays it, or `--web`'), 'simulate, range']
    ]
  )

const pair = ({ zh, en }: Text): [string, string] => [zh, en]

const needsOf = ({ needs = [], needsPast = false }: Attack): Text[] => [
  ...needs.map((need) => NEEDS[need]),
  ...(needsPast ? [NEEDS_PAST] : [])
]

const plantsText = ({ plants }: Attack, say: Say): string =>
  plants === undefined || plants.length === PLANTS.length ? say('全部', 'all') : plants.join(', ')

function factsOf(attack: Attack, { language, say }: Pick<PageOptions, 'language' | 'say'>): string {
  const technique = techniques[attack.technique]
  const needs = needsOf(attack).map((need) => pick(need, language))
  return [
    `**${pick(attack.title, language)}**`,
    `${attack.technique}${technique === undefined ? '' : ` ${pick(technique, language)}`}`,
    `${say('厂站：', 'plants: ')}${plantsText(attack, say)}`,
    ...(needs.length === 0 ? [] : [`${say('需要：', 'needs: ')}${needs.join(', ')}`])
  ].join(' · ')
}

const MOST_TAGS = 8

function targetTable(targets: readonly UsualTarget[], { language, say }: Pick<PageOptions, 'language' | 'say'>): string {
  if (targets.length === 0) return ''
  const rows = targets.map(({ plant, tags, written }) => {
    const map = mapOf(plant)
    const shown = (tag: string, value: number) => shownValue(tagNamed(map, tag), value, language)
    const rest = tags.length > MOST_TAGS ? say(` 等 ${tags.length} 个`, ` and ${tags.length - MOST_TAGS} more`) : ''
    return [
      plant,
      tags
        .slice(0, MOST_TAGS)
        .map((tag) => `\`${tag}\``)
        .join(', ') + rest,
      written.map(({ tag, before, after }) => `\`${tag}\` ${shown(tag, before)} → ${shown(tag, after)}`).join(', ')
    ]
  })
  const heads = [say('厂站', 'plant'), say('默认对象', 'its tags by default'), say('首次写入', 'what it writes first')]
  const shown = rows.some(([, , written]) => written !== '') ? heads.length : heads.length - 1
  return listed(
    heads.slice(0, shown),
    rows.map((row) => row.slice(0, shown))
  )
}

export function faultPage({ language, say, fields }: PageOptions): string[] {
  const faults = Object.keys(FAULTS).flatMap((name) => faultNamed(name) ?? [])
  const abouts: Readonly<Record<string, Text>> = FAULT_TEXTS
  return [
    `# ${say('故障', 'Faults')}`,
    say(
      '不是攻击的故障：有标注而没有技术，对它们的告警不算发现攻击，若带攻击技术则算误判。在时间线中写 `fault:`，写法同[攻击](attacks.zh-CN.md)。',
      'What goes wrong with nobody meaning it. Faults are labelled, without a technique: an alert about one is no detection of an attack, and one ' +
        'that names a technique is blamed. In a timeline they stand as `fault:`, otherwise as [attacks](attacks.md) do.'
    ),
    ...faults.flatMap(({ name, title, parameters }) => [
      `## ${name}`,
      `**${pick(title, language)}**`,
      pick(abouts[name] ?? title, language),
      parameterTable(parameters, { language, say, fields })
    ]),
    `## ${say('各厂站的设备故障', 'Troubles of each plant')}`,
    say(
      '`breakdown` 的 `what` 取下列名称之一；命令行上可直接写 `--fault leak`。“通常”是不写 `amount` 时的量，“上限”是可写的最大量；没有单位的只有有无之分，0..1 为比例。',
      'What `what` of a `breakdown` may be; on the command line the name alone will do: `--fault leak`. Usual is the amount without `amount`, most is what it may be. ' +
        'What has no unit is there or is not; 0..1 is a share.'
    ),
    ...PLANTS.flatMap((plant) => {
      const rows = Object.entries(TROUBLES[plant]).map(([name, { title, usual, most, unit = '' }]) => [
        ...[`\`${name}\``, pick(title, language)],
        ...(unit === '' ? ['', ''] : [String(usual), String(most)]),
        unit
      ])
      return [`### ${plant}`, listed(['what', say('名称', 'title'), say('通常', 'usual'), say('上限', 'most'), say('单位', 'unit')], rows)]
    })
  ]
}

function parameterTable(parameters: z.ZodType, { language, say, fields }: PageOptions): string {
  const json = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' })
  if (Object.keys(json.properties ?? {}).length === 0) return say('没有参数。', 'No parameters.')
  const table = fields(json).trimEnd()
  if (language === 'en') return table
  const lines = table.replaceAll('**required**', '**必填**').split('\n')
  const cells = lines.slice(2).map((line) => line.replace(/[^|]+(?= \|$)/, (text) => ` ${PARAMETERS_ZH.get(text.trim()) ?? text.trim()}`))
  return ['| 参数 | 类型 | 默认 | 含义 |', '|---|---|---|---|', ...cells].join('\n')
}
