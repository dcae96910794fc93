// The filter of the alert queue: as it stands in the address, as it is asked for, and whether a new alert falls under it.
import { type Alert, CONDITIONS, HANDLINGS } from '#contract/alert.ts'
import { SEVERITIES } from '#contract/finding.ts'

export interface AlertFilter {
  condition: string
  handling: string
  severity: string
  site: string
  search: string
}

const ALLOWED: Readonly<Record<keyof AlertFilter, (value: string) => boolean>> = {
  condition: (value) => CONDITIONS.some((name) => name === value),
  handling: (value) => value === 'all' || HANDLINGS.some((name) => name === value),
  severity: (value) => SEVERITIES.some((number) => String(number) === value && number > 1),
  site: (value) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(value),
  search: (value) => value.length > 0 && value.length <= 100
}

// An address can say anything; what makes no sense is left out. Without a word the queue holds what is open.
export function readFilter(address: URLSearchParams): AlertFilter {
  const read = (name: keyof AlertFilter, otherwise = '') => {
    const value = address.get(name) ?? ''
    return ALLOWED[name](value) ? value : otherwise
  }
  return {
    condition: read('condition'),
    handling: read('handling', 'open'),
    severity: read('severity'),
    site: read('site'),
    search: read('search')
  }
}

export function writeFilter(filter: AlertFilter): URLSearchParams {
  const address = new URLSearchParams()
  for (const [name, value] of Object.entries(filter))
    if (value !== '' && !(name === 'handling' && value === 'open')) address.set(name, value)
  return address
}

export function queryOf({ condition, handling, severity, site, search }: AlertFilter) {
  return {
    ...(condition === '' ? {} : { condition }),
    ...(handling === 'all' ? {} : { handling }),
    ...(severity === '' ? {} : { severity }),
    ...(site === '' ? {} : { site }),
    ...(search === '' ? {} : { search })
  }
}

export function isFiltered(filter: AlertFilter): boolean {
  return writeFilter(filter).size > 0
}

export function matches(filter: AlertFilter, alert: Alert): boolean {
  if (filter.condition !== '' && alert.condition !== filter.condition) return false
  if (filter.handling === 'open' && (alert.handling === 'resolved' || alert.handling === 'closed')) return false
  if (!['open', 'all', alert.handling].includes(filter.handling)) return false
  if (filter.severity !== '' && alert.severity < Number(filter.severity)) return false
  if (filter.site !== '' && alert.site !== filter.site) return false
  const sought = filter.search.toLowerCase()
  const texts = [alert.title.zh, alert.title.en, alert.reason.zh, alert.reason.en, alert.rule, ...alert.tags]
  return sought === '' || texts.some((text) => text.toLowerCase().includes(sought))
}
