// Neuron's export: JSON of nodes, groups and tags, as its interface and its API give it, whole or of single drivers.
import { z } from 'zod'
import { type Draft, type DraftDevice, type DraftTag, ImportFault, Notes } from './draft.ts'
import { neuronTag } from './neuron-address.ts'
import { connectionOfNode, type NeuronNode } from './neuron-node.ts'

const Name = z.string().max(1000)
const Tags = z.array(z.looseObject({ name: Name, address: Name.optional() })).max(100_000)
const Group = z.looseObject({ group: Name.optional(), name: Name.optional(), interval: z.number().optional(), tags: Tags.optional() })
const Node = z.looseObject({
  name: Name,
  plugin: Name.optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  groups: z.array(Group).max(10_000).optional()
})
const Export = z.looseObject({
  nodes: z.array(Node).max(10_000).optional(),
  groups: z
    .array(z.looseObject({ driver: Name, group: Name, interval: z.number().optional() }))
    .max(100_000)
    .optional(),
  tags: z
    .array(z.looseObject({ driver: Name, group: Name, tags: Tags }))
    .max(100_000)
    .optional(),
  settings: z
    .array(z.looseObject({ node: Name, params: z.record(z.string(), z.unknown()) }))
    .max(10_000)
    .optional()
})

interface NodeGroup {
  name: string
  interval: number | undefined
  tags: z.infer<typeof Tags>
}

export function readNeuron(text: string): Draft {
  const notes = new Notes()
  const whole = exported(text)
  const nodes = whole.nodes ?? []
  const settings = new Map((whole.settings ?? []).map(({ node, params }) => [node, params]))
  if (nodes.length === 0) throw new ImportFault('文件中没有驱动节点（nodes）', 'there are no driver nodes (nodes) in the file')
  const devices = nodes.flatMap(({ name, plugin = '', params, groups }): DraftDevice[] => {
    const own = [...(groups ?? []).map(inner), ...outer(whole, name)]
    if (!/modbus/i.test(plugin)) {
      // Northbound applications have no tags of their own; a driver of another protocol has, and each of them is missed.
      notes.left(`nodes ${name}`, `插件 ${plugin} 不是 Modbus`, `plugin ${plugin} is not Modbus`)
      for (const group of own)
        for (const tag of group.tags) notes.left(placeOf(name, group, tag.name), '所属节点无法导入', 'its node cannot be taken over')
      return []
    }
    return devicesOf({ name, plugin, params: { ...settings.get(name), ...params } }, own, notes)
  })
  return { devices, notes: notes.list }
}

function exported(text: string): z.infer<typeof Export> {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new ImportFault('不是有效的 JSON', 'is no JSON', { cause })
  }
  // A template is one node by itself.
  const single = z.looseObject({ name: Name, groups: z.array(z.unknown()) }).safeParse(json)
  const { data, error } = Export.safeParse(single.success ? { nodes: [json] } : json)
  if (data !== undefined) return data
  const [issue] = error.issues
  const place = issue?.path.join('.') ?? ''
  throw new ImportFault(`不是 Neuron 的导出文件：${place}`, `is no export of Neuron: ${place}`, { cause: error })
}

function inner({ group, name, interval, tags }: z.infer<typeof Group>): NodeGroup {
  return { name: group ?? name ?? '', interval, tags: tags ?? [] }
}

function outer({ groups, tags }: z.infer<typeof Export>, driver: string): NodeGroup[] {
  return (tags ?? [])
    .filter((one) => one.driver === driver)
    .map((one) => {
      const { interval } = groups?.find((group) => group.driver === driver && group.group === one.group) ?? {}
      return { name: one.group, interval, tags: one.tags }
    })
}

function devicesOf(node: NeuronNode, groups: readonly NodeGroup[], notes: Notes): DraftDevice[] {
  const reach = connectionOfNode(node, notes)
  const units = new Map<number, DraftTag[]>()
  for (const group of groups)
    for (const tag of group.tags) {
      const place = placeOf(node.name, group, tag.name)
      if (reach === undefined) {
        notes.left(place, '所属节点无法导入', 'its node cannot be taken over')
        continue
      }
      const made = neuronTag(tag, reach, place, notes)
      if (made === undefined) continue
      const cadence = group.interval === undefined ? {} : { cadenceMs: group.interval }
      units.set(made.unit, [...(units.get(made.unit) ?? []), { ...made.tag, ...cadence }])
    }
  if (reach === undefined) return []
  const { connection, waits } = reach
  return [...units].map(([unit, tags]) => ({ name: units.size > 1 ? `${node.name} ${unit}` : node.name, connection, unit, ...waits, tags }))
}

const placeOf = (node: string, group: NodeGroup, tag: string): string => `${node}/${group.name}/${tag.slice(0, 100)}`
