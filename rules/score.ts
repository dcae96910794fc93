// Holds alerts against labels: which attacks were seen, how late, under the right name, and which alerts nobody played.
//
// The window of a label goes from its start to its end and a grace beyond, because harm is often seen when it is already undone.
// An alert that was open before the start says nothing about the attack: only one that begins in the window counts, so alerts
// are handed in once for each time that they became active. It tells of the attack (a hit) when it names a tag or host of the
// label, or carries its technique; the last alone is generous, and "named" shows where a person would have been led astray.
// An alert that meets an attack is never counted as false; one that meets a fault is explained, or blamed when it carries a
// technique. A label of a fault without tags is about the whole site, so it accounts for any alert of its window; not for one that
// comes during an attack too, which may as well be what the attack did.
import type { Alert } from '#contract/alert.ts'
import type { Label } from '#contract/label.ts'
import type { AttackScore, ListedAlert, ScenarioScore, Verdict } from './score-result.ts'

export type ScoredAlert = Pick<Alert, 'site' | 'agent' | 'device' | 'tag' | 'tags' | 'rule' | 'techniques' | 'firstSeen' | 'severity'> & {
  title?: Alert['title']
  /** Addresses that the alert names, when it is about who talks to whom. */
  hosts?: readonly string[]
}

export interface Span {
  start: number
  end: number
}

export interface ScoreOptions {
  scenario: string
  site: string
  span: Span
  /** Lines as they were written: of two with the same id the later one stands. */
  labels: Iterable<Label>
  alerts: Iterable<ScoredAlert>
  graceSeconds?: number
}

export const GRACE_SECONDS = 300
const TOP = 3
const MAX_LISTED = 500
const DAY_MS = 86_400_000

export function scoreScenario(options: ScoreOptions): ScenarioScore {
  const { scenario, site, span, graceSeconds = GRACE_SECONDS } = options
  const windows = latestLabels(options.labels)
    .filter((label) => label.site === site)
    .map((label) => windowOf(label, span, graceSeconds * 1000))
  const attacks = windows.filter(({ label }) => label.kind === 'attack')
  const faults = windows.filter(({ label }) => label.kind === 'fault')
  const alerts = [...options.alerts].filter((alert) => alert.site === site).sort((a, b) => a.firstSeen - b.firstSeen)
  const verdicts = alerts.map((alert) => verdictOf(alert, attacks, faults))
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length
  const falseAlerts = count('false')
  return {
    scenario,
    site,
    start: span.start,
    end: span.end,
    quiet: attacks.length === 0,
    faults: faults.length,
    attacks: attacks.map((window) => scoreAttack(window, alerts)),
    hits: count('hit'),
    beside: count('beside'),
    explained: count('explained'),
    blamed: count('blamed'),
    falseAlerts,
    falsePerDay: span.end > span.start ? falseAlerts / daysOf(span) : 0,
    alerts: alerts.slice(0, MAX_LISTED).map((alert, i) => listed(alert, verdicts[i] ?? 'false'))
  }
}

export const daysOf = ({ start, end }: Span): number => (end - start) / DAY_MS

/** One label for each id: a simulator writes one line at the start of an attack and one at its end. */
export function latestLabels(labels: Iterable<Label>): Label[] {
  const latest = new Map<string, Label>()
  for (const label of labels) latest.set(`${label.site} ${label.id}`, label)
  return [...latest.values()].sort((a, b) => a.start - b.start)
}

interface Window {
  label: Label
  end: number
  /** The end with the grace. */
  until: number
}

function windowOf(label: Label, span: Span, graceMs: number): Window {
  const end = label.end ?? Math.max(span.end, label.start)
  return { label, end, until: end + graceMs }
}

const within = ({ label, until }: Window, { firstSeen }: ScoredAlert): boolean => firstSeen >= label.start && firstSeen <= until

function namedBy({ tag, tags, hosts = [], device, agent }: ScoredAlert): Set<string> {
  const subject = tag === null && tags.length === 0 ? [device ?? agent] : []
  return new Set([...tags, ...(tag === null ? [] : [tag]), ...hosts, ...subject])
}

function names(alert: ScoredAlert, { tags, hosts }: Label): boolean {
  const named = namedBy(alert)
  return tags.some((tag) => named.has(tag)) || hosts.some((host) => named.has(host))
}

const carries = ({ techniques }: ScoredAlert, { technique }: Label): boolean => technique !== null && techniques.includes(technique)

const tellsOf = (alert: ScoredAlert, label: Label): boolean => names(alert, label) || carries(alert, label)

function verdictOf(alert: ScoredAlert, attacks: readonly Window[], faults: readonly Window[]): Verdict {
  const during = attacks.filter((window) => within(window, alert))
  if (during.some(({ label }) => tellsOf(alert, label))) return 'hit'
  const meets = ({ label }: Window) => names(alert, label) || (label.tags.length === 0 && during.length === 0)
  if (faults.some((window) => within(window, alert) && meets(window))) return alert.techniques.length === 0 ? 'explained' : 'blamed'
  return during.length > 0 ? 'beside' : 'false'
}

function scoreAttack(window: Window, alerts: readonly ScoredAlert[]): AttackScore {
  const { label, end } = window
  const during = alerts.filter((alert) => within(window, alert))
  const hits = during.filter((alert) => tellsOf(alert, label))
  const [first] = hits
  const top = during.toSorted((a, b) => b.severity - a.severity || a.firstSeen - b.firstSeen).slice(0, TOP)
  return {
    label: label.id,
    name: label.name,
    technique: label.technique,
    start: label.start,
    end,
    tags: label.tags,
    hosts: label.hosts,
    detected: first !== undefined,
    delaySeconds: first === undefined ? null : (first.firstSeen - label.start) / 1000,
    techniqueRight: hits.some((alert) => carries(alert, label)),
    named: label.tags.length + label.hosts.length === 0 ? null : top.some((alert) => names(alert, label)),
    alerts: during.length,
    firstRule: first?.rule ?? null
  }
}

function listed({ rule, tag, firstSeen, severity, title }: ScoredAlert, verdict: Verdict): ListedAlert {
  return { rule, tag, firstSeen, severity, ...(title === undefined ? {} : { title }), verdict }
}
