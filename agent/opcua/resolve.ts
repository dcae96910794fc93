// An OPC UA device of the config made ready to be read: every tag with what it inherits, and how many requests a second it takes.
import type { Device } from '#contract/device.ts'
import type { Tag } from '#contract/tag.ts'
import type { OpcUaDevice, OpcUaTag } from './config.ts'
import { type NodeText, parseNode } from './node-text.ts'

/** What a tag falls back to. */
export interface TagPace {
  cadenceMs: number
  heartbeatMs: number
  deadband: number
}

export interface OpcUaTagPlan {
  /** All of the tag but its integer id, which the outbox gives. */
  tag: Omit<Tag, 'id'>
  deadband: number
  node: NodeText
  /** The element of an array, as the index range of the norm (OPC 10000-4, 7.27). */
  indexRange: string | null
  scale: number
  offset: number
}

export interface OpcUaPlan {
  device: Device
  tags: readonly OpcUaTagPlan[]
  /** Requests a second while all goes well. */
  requestsPerSecond: number
}

// How often a polled server is asked for its status.
export const STATUS_MS = 5000

// What servers put into one answer, by what is usual.
const CHANGES_PER_PUBLISH = 1000

const MAX_ADDRESS = 100

export function resolveOpcUa(config: OpcUaDevice, defaults: TagPace): OpcUaPlan {
  const tags = config.tags.map((tag) => resolveTag(config, tag, defaults))
  return { device: deviceOf(config), tags, requestsPerSecond: requestsPerSecond(config, tags) }
}

function deviceOf({ id, title, endpoint }: OpcUaDevice): Device {
  return { id, ...(title === undefined ? {} : { title }), protocol: 'opcua', endpoint }
}

// Each publish that the server answers is asked for anew. It answers once in a publishing interval, and more often when more has
// changed than it puts into one answer.
function requestsPerSecond(config: OpcUaDevice, tags: readonly OpcUaTagPlan[]): number {
  if (config.read === 'subscribe') {
    const { publishingMs } = config.subscription
    const changes = tags.reduce((sum, { tag }) => sum + publishingMs / tag.cadenceMs, 0)
    return (Math.max(1, Math.ceil(changes / CHANGES_PER_PUBLISH)) * 1000) / publishingMs
  }
  const groups = Map.groupBy(tags, ({ tag }) => tag.cadenceMs)
  const reads = [...groups].map(([cadence, group]) => (1000 * Math.ceil(group.length / config.maxNodesPerCall)) / cadence)
  return reads.reduce((sum, rate) => sum + rate, 1000 / STATUS_MS)
}

function resolveTag(device: OpcUaDevice, config: OpcUaTag, defaults: TagPace): OpcUaTagPlan {
  const { name, title, role, unit, range, index, scale = 1, offset = 0 } = config
  // The schema has made sure of it.
  const node = parseNode(config.node) ?? { namespace: 0, identifier: 'i=0' }
  const indexRange = index === undefined ? null : [index].flat().join(',')
  const tag = {
    name,
    device: device.id,
    role,
    dataType: config.type,
    ...(title === undefined ? {} : { title }),
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    address: shortened(indexRange === null ? config.node : `${config.node}[${indexRange}]`),
    cadenceMs: config.cadenceMs ?? device.cadenceMs ?? defaults.cadenceMs,
    heartbeatMs: config.heartbeatMs ?? device.heartbeatMs ?? defaults.heartbeatMs
  }
  return { tag, deadband: config.deadband ?? device.deadband ?? defaults.deadband, node, indexRange, scale, offset }
}

// Both ends of a long address tell more than its beginning alone.
function shortened(address: string): string {
  return address.length <= MAX_ADDRESS ? address : `${address.slice(0, 49)}…${address.slice(-50)}`
}
