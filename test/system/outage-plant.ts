// What both sides of an outage know: the orders for the agent, and which value each tag has at which second.

export const AGENT = { site: 'outage', agent: 'edge-1' }
export const SECONDS_PER_BATCH = 5

export interface Orders {
  file: string
  tags: number
  /** The first second, as epoch milliseconds. */
  begin: number
  /** How many seconds the broker is away. */
  until: number
  maxBytes: number
  /** The broker, once it is back. */
  url?: string
}

export const tagName = (tag: number): string => `plant.value-${tag}`

// Scattered, so that neither compression nor a deadband makes the outage smaller than it is.
export function levelOf(tag: number, second: number): number {
  let hash = Math.imul(tag, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) % 1000
}
