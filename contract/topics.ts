// Topic names: penstock/v1/<partition>/<site>/<agent>/<kind>.
import { ContractFault } from './fault.ts'
import { Id } from './site.ts'

export const KINDS = ['birth', 'samples', 'transactions', 'events', 'health', 'gap', 'death', 'ack'] as const
export type Kind = (typeof KINDS)[number]

export const PARTITIONS = 64
const ROOT = 'penstock/v1'

export interface Topic {
  site: string
  agent: string
  kind: Kind
}

// FNV-1a, 32 bits: stable over versions and machines, so a site never changes its partition.
export function partitionOf(site: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < site.length; i++) hash = Math.imul(hash ^ site.charCodeAt(i), 0x01000193) >>> 0
  return String(hash % PARTITIONS).padStart(2, '0')
}

export function topicOf({ site, agent, kind }: Topic): string {
  return `${ROOT}/${partitionOf(site)}/${site}/${agent}/${kind}`
}

export function parseTopic(topic: string): Topic {
  const parts = topic.split('/')
  const [root, version, partition, site = '', agent = '', kind = ''] = parts
  if (parts.length !== 6 || `${root}/${version}` !== ROOT || !Id.safeParse(site).success || !Id.safeParse(agent).success)
    throw new ContractFault('TOPIC_MALFORMED', `topic ${topic.slice(0, 200)} is not ${ROOT}/<partition>/<site>/<agent>/<kind>`)
  if (partition !== partitionOf(site))
    throw new ContractFault('TOPIC_MALFORMED', `topic ${topic} names partition ${partition}, site ${site} belongs to ${partitionOf(site)}`)
  const known = KINDS.find((name) => name === kind)
  if (known === undefined) throw new ContractFault('TOPIC_MALFORMED', `topic ${topic.slice(0, 200)} has an unknown kind`)
  return { site, agent, kind: known }
}

// What a collector subscribes to; births come first in the list, so that tag maps are known before samples.
export function collectorFilters(partitions: readonly string[] = ['+']): string[] {
  const kinds: Kind[] = ['birth', 'samples', 'transactions', 'events', 'gap', 'health', 'death']
  return kinds.flatMap((kind) => partitions.map((partition) => `${ROOT}/${partition}/+/+/${kind}`))
}
