// What needs a person now, worst first, out of one overview. Pure, so that each sentence of the first screen can be tested.
import type { AgentView, Overview, PartState, SiteView } from '#contract/api.ts'
import type { Severity } from '#contract/finding.ts'

export type Problem =
  | { kind: 'alerts'; site: SiteView; severity: Severity; count: number }
  | { kind: 'agent'; site: SiteView; agent: AgentView; state: 'silent' | 'stopped' }
  | { kind: 'device'; site: SiteView; device: AgentView['devices'][number]['device']; state: 'offline' | 'degraded' | 'unknown' }
  | { kind: 'tags'; site: SiteView; quality: 'bad' | 'uncertain' | 'stale'; count: number }
  | { kind: 'part'; part: PartState }

export interface Situation {
  verdict: 'normal' | 'attention' | 'unknown'
  problems: readonly Problem[]
  /** How many things need a person: each open alert counts by itself. */
  count: number
  /** Open alerts of severity 1, which are notes and no alarms. */
  notes: number
}

export function judgeSituation({ sites, parts }: Overview): Situation {
  const problems = [
    ...parts.filter(({ state }) => state === 'failing').map((part) => ({ kind: 'part', part }) as const),
    ...sites.flatMap(problemsOf)
  ]
  const watched = sites.some(({ agents }) => agents.length > 0)
  const notes = sites.flatMap(({ openAlerts }) => openAlerts).reduce((sum, { severity, count }) => (severity === 1 ? sum + count : sum), 0)
  return {
    verdict: problems.length > 0 ? 'attention' : watched ? 'normal' : 'unknown',
    count: problems.reduce((sum, problem) => sum + (problem.kind === 'alerts' ? problem.count : 1), 0),
    problems: problems.toSorted((a, b) => weightOf(b) - weightOf(a)),
    notes
  }
}

function problemsOf(site: SiteView): Problem[] {
  const problems: Problem[] = []
  const alarms = site.openAlerts.filter(({ severity, count }) => severity > 1 && count > 0)
  const worst = alarms.reduce<Severity>((most, { severity }) => (severity > most ? severity : most), 1)
  const count = alarms.reduce((sum, alarm) => sum + alarm.count, 0)
  if (count > 0) problems.push({ kind: 'alerts', site, severity: worst, count })
  for (const agent of site.agents) {
    if (agent.state === 'online') {
      for (const { device, state } of agent.devices) if (state !== 'online') problems.push({ kind: 'device', site, device, state })
    } else {
      // Its devices and stale tags are effects of the one cause and are not listed beside it.
      problems.push({ kind: 'agent', site, agent, state: agent.state })
    }
  }
  if (site.tags.bad > 0) problems.push({ kind: 'tags', site, quality: 'bad', count: site.tags.bad })
  if (site.tags.uncertain > 0) problems.push({ kind: 'tags', site, quality: 'uncertain', count: site.tags.uncertain })
  if (site.tags.stale > 0 && site.agents.every(({ state }) => state === 'online'))
    problems.push({ kind: 'tags', site, quality: 'stale', count: site.tags.stale })
  return problems
}

const DEVICE_WEIGHT = { offline: 65, unknown: 45, degraded: 40 } as const
const TAGS_WEIGHT = { bad: 35, stale: 30, uncertain: 15 } as const
const ALERT_WEIGHT = { 5: 100, 4: 80, 3: 60, 2: 20, 1: 0 } as const

export function weightOf(problem: Problem): number {
  switch (problem.kind) {
    case 'alerts':
      return ALERT_WEIGHT[problem.severity]
    case 'agent':
      return problem.state === 'silent' ? 75 : 50
    case 'part':
      return 70
    case 'device':
      return DEVICE_WEIGHT[problem.state]
    case 'tags':
      return TAGS_WEIGHT[problem.quality]
  }
}

// Sites with something wrong come first; the rest keep their order.
export function orderSites(sites: readonly SiteView[]): SiteView[] {
  const weight = (site: SiteView) => Math.max(0, ...problemsOf(site).map(weightOf))
  return sites.toSorted((a, b) => weight(b) - weight(a))
}
