// `penstock agent browse`: the nodes of an OPC UA server as a tree, within limits and the budget of the device, or as tags to paste.
import type { Language } from '#contract/language.ts'
import { interruption, type Outcome, progress, type Say, sayIn, UsageFault } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { quietLog } from '#runtime/log.ts'
import { AgentConfig } from '../config.ts'
import { asTagName } from '../import/names.ts'
import type { BrowsedNode } from '../opcua/browse.ts'
import { deviceFault, deviceNamed } from './device-fault.ts'
import { opcUaFolder } from './opcua-folder.ts'
import { refuseSecondConnection } from './own-connections.ts'
import type { BrowseResult } from './results.ts'

export interface BrowseOptions {
  file: string
  device: string
  node: string
  depth: number
  max: number
  timeout: number
  yaml?: boolean
  secondConnection?: boolean
  language: Language
}

/** Rejects with ConfigFault, UsageFault or DeviceFault. */
export async function browse(options: BrowseOptions): Promise<Outcome> {
  const { file, device: id, node, depth, max, timeout, yaml, secondConnection, language } = options
  const say = sayIn(language)
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  const device = deviceNamed(config, id)
  if (device.protocol !== 'opcua') throw new UsageFault(`设备 ${id} 不是 OPC UA 设备`, `device ${id} is no OPC UA device`)
  if (secondConnection !== true) await refuseSecondConnection({ ...config, devices: [device] })
  progress(say(`浏览 ${device.endpoint}……`, `Browsing ${device.endpoint}…`))
  using interrupted = interruption()
  const { browseServer } = await import('../opcua/browse.ts')
  const found = await browseServer({
    config: device,
    folder: opcUaFolder(config),
    log: quietLog(),
    signal: interrupted.signal,
    ...{ from: node, depth, nodes: max, ms: timeout }
  }).catch((error: unknown) => {
    throw deviceFault(id, error)
  })
  const data: BrowseResult = { device: id, nodes: [...found.nodes], cutBy: [...found.cutBy] }
  const cut = found.cutBy.length === 0 ? '' : `\n${cutText(found.cutBy, say)}`
  return { text: yaml ? tagsText(found.nodes, say) + cut.replace('\n', '# ') : treeText(found.nodes, say) + cut, data, trouble: false }
}

const LIMIT_TEXTS: Readonly<Record<BrowseResult['cutBy'][number], readonly [zh: string, en: string]>> = {
  depth: ['层数（--depth）', 'depth (--depth)'],
  nodes: ['节点数（--max）', 'nodes (--max)'],
  references: ['单个节点的引用数', 'references of one node'],
  time: ['时间（--timeout）', 'time (--timeout)']
}

function cutText(cutBy: readonly BrowseResult['cutBy'][number][], say: Say): string {
  const limits = cutBy.map((limit) => say(...LIMIT_TEXTS[limit])).join(say('、', ', '))
  return say(`结果不完整，已达上限：${limits}`, `This is not all; a limit was reached: ${limits}`)
}

function treeText(nodes: readonly BrowsedNode[], say: Say): string {
  if (nodes.length === 0) return say('没有节点', 'there are no nodes')
  const rows = nodes.map(({ node, name, nodeClass, depth, dataType, valueRank, readable, writable }) => [
    `${'  '.repeat(depth)}${name}`,
    node,
    nodeClass === 'object' ? '' : `${dataType ?? '?'}${valueRank !== null && valueRank >= 0 ? '[]' : ''}`,
    nodeClass === 'object' ? '' : accessText(readable, writable, say)
  ])
  const columns = [say('名称', 'name'), say('节点', 'node'), say('类型', 'type'), say('权限', 'access')].map((title) => ({ title }))
  return consoleTable({ columns, rows })
}

function accessText(readable: boolean | null, writable: boolean | null, say: Say): string {
  if (readable === null) return '?'
  return [readable ? say('读', 'read') : '', writable ? say('写', 'write') : ''].filter((word) => word !== '').join('+') || '—'
}

const TYPES: Readonly<Record<string, string>> = {
  Boolean: 'bool',
  ...Object.fromEntries(['SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32'].map((name) => [name, 'integer'])),
  Float: 'float',
  Double: 'float',
  // A 64-bit integer keeps all its digits only as a string.
  Int64: 'string',
  UInt64: 'string',
  String: 'string'
}

// Named by the way to the node, so that two pumps with a "Speed" each stay apart. What has no single readable value is left out, and told.
function tagsText(nodes: readonly BrowsedNode[], say: Say): string {
  const way: string[] = []
  const taken = new Set<string>()
  const lines = nodes.flatMap((node) => {
    way.length = node.depth
    way.push(node.name)
    if (node.nodeClass === 'object') return []
    const type = TYPES[node.dataType ?? '']
    if (type === undefined || (node.valueRank ?? -1) >= 0 || node.readable !== true) {
      const why =
        node.readable === true ? `${node.dataType ?? '?'}${(node.valueRank ?? -1) >= 0 ? '[]' : ''}` : say('不可读', 'not readable')
      return [`  # ${say('未列入', 'left out')}: ${JSON.stringify(node.name)} (${why})`]
    }
    const wanted = asTagName(way.slice(-3).join('.')) ?? 'tag'
    let name = wanted
    for (let i = 2; taken.has(name); i++) name = `${wanted.slice(0, 90)}-${i}`
    taken.add(name)
    return [`  - { name: ${JSON.stringify(name)}, node: ${JSON.stringify(node.node)}, type: ${type} }`]
  })
  return `tags:\n${lines.join('\n')}\n`
}
