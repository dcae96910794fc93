// The reference of what simulators can play, written from the tables that they play from: attacks, faults and the tag maps of the
// plants, one page of each in each language.
import { type Language, pick } from '#contract/text.ts'
import { placeOf } from '../simulators/agent-yaml.ts'
import { mapOf } from '../simulators/maps.ts'
import { PLANTS, type PlantKind } from '../simulators/plants/plant.ts'
import { isRegister, type TagRow } from '../simulators/plc/tag-map.ts'
import { attackPage, faultPage, type PageOptions } from './attack-pages.ts'
import { listed, type Say } from './page-parts.ts'

export interface WorksPagesOptions extends Pick<PageOptions, 'fields'> {
  /** What stands above each page. */
  head: string
}

export async function worksPages({ head, fields }: WorksPagesOptions): Promise<Map<string, string>> {
  const out = new Map<string, string>()
  for (const [language, end] of [['en', '.md'] as const, ['zh-CN', '.zh-CN.md'] as const]) {
    const say: Say = (zh, en) => pick({ zh, en }, language)
    const write = (name: string, parts: string[]) => out.set(name + end, `${head}${parts.join('\n\n').trimEnd()}\n`)
    write('attacks', await attackPage({ language, say, fields }))
    write('faults', faultPage({ language, say, fields }))
    write('plants', plantPage(language, say))
  }
  return out
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
