// How the console names a series, and when a series counts as silent.
import type { View } from '#contract/sample.ts'

export interface Series {
  site: string
  agent: string
  view: View
  tag: string
}

// The same measure as TagView.stale of the contract.
export const HEARTBEATS_TO_STALE = 3

export function keyOf({ site, agent, view, tag }: Series): string {
  return `${site}/${agent}/${view}/${tag}`
}

export function linkOf(series: Series): string {
  return `/tags/${keyOf(series)}`
}
