// The reference of what simulators can play, written from the tables that they play from: attacks, faults and the tag maps of the
// plants, one page a language.
import { z } from 'zod'
import { type Language, pick } from '#contract/language.ts'
import { placeOf } from '../simulators/agent-yaml.ts'
import { ATTACKS } from '../simulators/attacks/attacks.ts'
import { FAULTS } from '../simulators/faults/faults.ts'
import { TROUBLES } from '../simulators/faults/troubles.ts'
import { mapOf } from '../simulators/maps.ts'
import { PLANTS, type PlantKind } from '../simulators/plants/plant.ts'
import { attackNamed, faultNamed } from '../simulators/player.ts'
import { isRegister, type TagRow } from '../simulators/plc/tag-map.ts'

export interface WorksPagesOptions {
  /** What stands above each page. */
  head: string
  /** Writes the fields of a schema as a table. */
  fields: (schema: z.core.JSONSchema.BaseSchema) => string
}

type Say = (zh: string, en: string) => string

export function worksPages(options: WorksPagesOptions): Map<string, string> {
  const out = new Map<string, string>()
  for (const [language, end] of [['en', '.md'] as const, ['zh-CN', '.zh-CN.md'] as const]) {
    const say: Say = (zh, en) => pick({ zh, en }, language)
    const write = (name: string, parts: string[]) => out.set(name + end, `${options.head}${parts.join('\n\n').trimEnd()}\n`)
    write('attacks', attackPage(options, language, say))
    write('faults', faultPage(options, language, say))
    write('plants', plantPage(language, say))
  }
  return out
}

const NEEDS: Readonly<Record<'tamper' | 'opcua' | 'eyes', readonly [zh: string, en: string]>> = {
  tamper: ['报文路径上的位置', 'a place on the wire'],
  opcua: ['OPC UA 服务', 'an OPC UA server'],
  eyes: ['本方采集代理', 'an agent of ours']
}

function attackPage({ fields }: WorksPagesOptions, language: Language, say: Say): string[] {
  const attacks = Object.keys(ATTACKS).flatMap((name) => attackNamed(name) ?? [])
  return [
    `# ${say('攻击', 'Attacks')}`,
    say(
      '模拟器能播放的攻击。技术为 ATT&CK for ICS 编号；参数写在时间线的 `with` 下，其说明取自模式，为英文。“需要”一列是场景必须提供的东西，没有时该攻击报错或不播放。',
      'What simulators can play. The technique is that of ATT&CK for ICS; parameters stand under `with` in a timeline. An attack that needs ' +
        'what a scenario does not offer is not played, and says so.'
    ),
    listed(
      [say('攻击', 'attack'), say('名称', 'title'), say('技术', 'technique'), say('厂站', 'plants'), say('需要', 'needs')],
      attacks.map(({ name, title, technique, plants, needs = [], needsPast = false }) => [
        `[${name}](#${name})`,
        pick(title, language),
        technique,
        plants === undefined || plants.length === PLANTS.length ? say('全部', 'all') : plants.join(', '),
        [...needs.map((need) => say(...NEEDS[need])), ...(needsPast ? [say('此前的读数', 'what was shown before')] : [])].join(', ')
      ])
    ),
    ...attacks.map(({ name, title, parameters }) => `## ${name}\n\n${pick(title, language)}\n\n${parameterTable(parameters, fields, say)}`)
  ]
}

function faultPage({ fields }: WorksPagesOptions, language: Language, say: Say): string[] {
  const faults = Object.keys(FAULTS).flatMap((name) => faultNamed(name) ?? [])
  return [
    `# ${say('故障', 'Faults')}`,
    say(
      '不是攻击的故障：对它们的告警不算发现攻击。参数说明取自模式，为英文。',
      'What goes wrong with nobody meaning it; an alert about it is no detection of an attack.'
    ),
    ...faults.map(({ name, title, parameters }) => `## ${name}\n\n${pick(title, language)}\n\n${parameterTable(parameters, fields, say)}`),
    `## ${say('各厂站的设备故障', 'Troubles of each plant')}`,
    say(
      '`breakdown` 的 `what` 取下列名称之一；命令行上可直接写 `--fault leak`。“通常”是不写 `amount` 时的量，为 1 者只有有无之分。',
      'What `what` of a `breakdown` may be; on the command line the name alone will do: `--fault leak`. Usual is the amount without `amount`; ' +
        'where it is 1 there is no more or less of it.'
    ),
    ...PLANTS.map((plant) => {
      const rows = Object.entries(TROUBLES[plant]).map(([name, { title, usual }]) => [`\`${name}\``, pick(title, language), String(usual)])
      return `### ${plant}\n\n${listed(['what', say('名称', 'title'), say('通常', 'usual')], rows)}`
    })
  ]
}

function plantPage(language: Language, say: Say): string[] {
  return [
    `# ${say('厂站与测点', 'Plants and their tags')}`,
    say(
      '各厂站 PLC 的测点表。Modbus 地址从 0 起，写法与 agent.yaml 的 `at` 相同：寄存器区、地址、格式、字节序。寄存器中的数乘以系数再加偏移即为工程值。表中没有的地址以异常 2 拒绝（个别保留区读作 0）。OPC UA 节点由同一张表生成。',
      'The tag map of the PLC of each plant. Modbus addresses count from 0 and are written as `at` in agent.yaml: table, address, format, byte ' +
        'order. What stands in the registers, times the scale and plus the offset, is the value. Other addresses are refused with exception 2, ' +
        'but for a few that are held in reserve and read 0. The nodes of OPC UA come from the same table.'
    ),
    ...PLANTS.map((plant) => plantSection(plant, language, say))
  ]
}

function plantSection(plant: PlantKind, language: Language, say: Say): string {
  const { tags, identity } = mapOf(plant)
  const heads = [
    ...[say('测点', 'tag'), say('名称', 'title'), say('角色', 'role'), say('单位', 'unit'), say('量程', 'range')],
    ...['Modbus', say('系数', 'scale'), say('初值', 'at start')]
  ]
  const about = say(
    `设备标识：${identity.vendor} ${identity.product} ${identity.revision}。`,
    `It says of itself: ${identity.vendor} ${identity.product} ${identity.revision}.`
  )
  return `## ${plant}\n\n${about}\n\n${listed(
    heads,
    Object.entries(tags).map(([name, row]) => tagCells(name, row, language))
  )}`
}

function tagCells(name: string, { title, role, unit = '', range, place, initial }: TagRow, language: Language): string[] {
  const { scale = 1, offset = 0 } = isRegister(place) ? place : {}
  return [
    ...[`\`${name}\``, pick(title, language), role, unit],
    range === undefined ? '' : `${range.low}..${range.high}`,
    `\`${placeOf(place)}\``,
    `${scale === 1 ? '' : scale}${offset === 0 ? '' : ` ${offset > 0 ? '+' : '-'} ${Math.abs(offset)}`}`,
    initial === undefined ? '' : String(initial)
  ]
}

function parameterTable(parameters: z.ZodType, fields: WorksPagesOptions['fields'], say: Say): string {
  const json = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' })
  return Object.keys(json.properties ?? {}).length === 0 ? say('没有参数。', 'No parameters.') : fields(json).trimEnd()
}

const listed = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
