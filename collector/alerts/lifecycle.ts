// The life of an alert as pure functions: what a finding makes of it and what a person may make of it.
import { type AlertAction, type CONDITIONS, type Disposition, type Handling, TRANSITIONS } from '#contract/alert.ts'
import type { Severity } from '#contract/finding.ts'

type Condition = (typeof CONDITIONS)[number]

/** What the life of an alert depends on; the rest of an alert only describes it. */
export interface AlertState {
  condition: Condition
  handling: Handling
  severity: Severity
  disposition: Disposition | null
  assignee: string | null
  resolvedBy: string | null
  firstSeen: number
  lastSeen: number
  clearedAt: number | null
  count: number
  episode: number
}

export interface FindingFacts {
  time: number
  condition: Condition
  severity: Severity
}

export type FindingEffect =
  | { effect: 'none' }
  /** A new alert; the one before it, when there is one, stays as it is. */
  | { effect: 'raise'; state: AlertState }
  /** `news` is true when a person should look again, not only the figures moved. */
  | { effect: 'change'; state: AlertState; what: 'raised' | 'repeated' | 'worse' | 'cleared'; news: boolean }

export const isOpen = (handling: Handling): boolean => handling !== 'resolved' && handling !== 'closed'

/** Everything is decided by event time, so a late, repeated or backfilled finding means the same as a punctual one. */
export function applyFinding(before: AlertState | undefined, finding: FindingFacts, reopenWithinMs: number): FindingEffect {
  if (finding.condition === 'cleared') return before === undefined ? { effect: 'none' } : applyCleared(before, finding)
  if (before === undefined) return { effect: 'raise', state: firstState(finding) }

  const known = Math.max(before.lastSeen, before.clearedAt ?? 0)
  const late = finding.time < known
  const worse = finding.severity > before.severity
  if (before.handling === 'closed') {
    // What a person closed stays closed. A late finding that is no worse belongs to what was closed.
    return late && !worse ? repeat(before, finding) : { effect: 'raise', state: firstState(finding) }
  }
  if (late && !worse) return repeat(before, finding)
  if (before.handling === 'resolved' && finding.time - known > reopenWithinMs) return { effect: 'raise', state: firstState(finding) }

  const returned = !late && before.condition === 'cleared'
  const again = worse || before.handling === 'resolved' || (returned && before.handling === 'acknowledged')
  const state: AlertState = {
    ...counted(before, finding),
    ...(late ? {} : { condition: 'active', clearedAt: null }),
    severity: worse ? finding.severity : before.severity,
    handling: again ? 'new' : before.handling,
    disposition: again ? null : before.disposition,
    resolvedBy: again ? null : before.resolvedBy,
    episode: before.episode + (returned ? 1 : 0)
  }
  return { effect: 'change', state, what: worse ? 'worse' : again || returned ? 'raised' : 'repeated', news: again || returned }
}

function applyCleared(before: AlertState, finding: FindingFacts): FindingEffect {
  if (finding.time < before.lastSeen || finding.time <= (before.clearedAt ?? -1)) return { effect: 'none' }
  return { effect: 'change', state: { ...before, condition: 'cleared', clearedAt: finding.time }, what: 'cleared', news: false }
}

function repeat(before: AlertState, finding: FindingFacts): FindingEffect {
  return { effect: 'change', state: counted(before, finding), what: 'repeated', news: false }
}

function counted(before: AlertState, { time }: FindingFacts): AlertState {
  return {
    ...before,
    firstSeen: Math.min(before.firstSeen, time),
    lastSeen: Math.max(before.lastSeen, time),
    count: before.count + 1
  }
}

function firstState({ time, severity }: FindingFacts): AlertState {
  return {
    condition: 'active',
    handling: 'new',
    severity,
    disposition: null,
    assignee: null,
    resolvedBy: null,
    firstSeen: time,
    lastSeen: time,
    clearedAt: null,
    count: 1,
    episode: 1
  }
}

export type Refusal = 'ACTION_NOT_POSSIBLE' | 'DISPOSITION_NEEDED' | 'SECOND_PERSON_NEEDED'
export type ActionEffect = { state: AlertState } | { refused: Refusal }

export function applyAction(
  before: AlertState,
  { action, disposition, account }: { action: AlertAction; disposition?: Disposition | undefined; account: string }
): ActionEffect {
  const { from, to } = TRANSITIONS[action]
  if (!from.includes(before.handling)) return { refused: 'ACTION_NOT_POSSIBLE' }
  const state = to === null ? before : { ...before, handling: to }
  switch (action) {
    case 'acknowledge':
    case 'investigate':
      return { state: { ...state, assignee: account } }
    case 'resolve':
      if (before.severity >= 4 && disposition === undefined) return { refused: 'DISPOSITION_NEEDED' }
      return { state: { ...state, disposition: disposition ?? null, resolvedBy: account } }
    case 'close':
      // Four eyes: what is critical is not closed by the one who resolved it.
      if (before.severity === 5 && before.resolvedBy === account) return { refused: 'SECOND_PERSON_NEEDED' }
      return { state }
    case 'reopen':
      return { state: { ...state, assignee: account, disposition: null, resolvedBy: null } }
    case 'comment':
      return { state }
  }
}
