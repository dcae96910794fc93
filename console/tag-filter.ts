// The filter of the tag list, kept in the address.
import type { TagView } from '#contract/api.ts'
import { QUALITY_CLASSES, qualityClass } from '#contract/quality.ts'
import { ROLES } from '#contract/tag.ts'

export interface TagFilter {
  site: string
  device: string
  role: string
  quality: string
  search: string
}

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/
const QUALITIES: readonly string[] = [...QUALITY_CLASSES, 'stale']

export function readTagFilter(address: URLSearchParams): TagFilter {
  const read = (name: keyof TagFilter, allowed: (value: string) => boolean) => {
    const value = address.get(name) ?? ''
    return allowed(value) ? value : ''
  }
  return {
    site: read('site', (value) => ID.test(value)),
    device: read('device', (value) => ID.test(value)),
    role: read('role', (value) => ROLES.some((role) => role === value)),
    quality: read('quality', (value) => QUALITIES.includes(value)),
    search: read('search', (value) => value.length <= 100)
  }
}

export function writeTagFilter(filter: TagFilter): URLSearchParams {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
}

export function tagMatches(filter: TagFilter, { site, tag, latest, stale }: TagView): boolean {
  if (filter.site !== '' && site !== filter.site) return false
  if (filter.device !== '' && tag.device !== filter.device) return false
  if (filter.role !== '' && tag.role !== filter.role) return false
  if (filter.quality !== '') {
    const quality = latest === null || stale ? 'stale' : qualityClass(latest.quality)
    if (quality !== filter.quality) return false
  }
  const sought = filter.search.toLowerCase()
  const texts = [tag.name, tag.title?.zh ?? '', tag.title?.en ?? '', tag.address]
  return sought === '' || texts.some((text) => text.toLowerCase().includes(sought))
}
