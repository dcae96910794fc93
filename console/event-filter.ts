// The filter of the list of device events, kept in the address.
import { EVENT_KINDS } from '#contract/event.ts'

export interface EventFilter {
  site: string
  device: string
  kind: string
}

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/

export function readEventFilter(address: URLSearchParams): EventFilter {
  const read = (name: keyof EventFilter, allowed: (value: string) => boolean) => {
    const value = address.get(name) ?? ''
    return allowed(value) ? value : ''
  }
  return {
    site: read('site', (value) => ID.test(value)),
    device: read('device', (value) => ID.test(value)),
    kind: read('kind', (value) => EVENT_KINDS.some((kind) => kind === value))
  }
}

export function writeEventFilter(filter: EventFilter): URLSearchParams {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
}
