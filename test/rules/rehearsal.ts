// Rehearses one check on a few samples: [seconds, value] or [seconds, value, quality] for each tag.
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import type { Tag } from '#contract/tag.ts'
import { Engine, type Judged } from '#rules/engine.ts'
import { type Pack, parsePack } from '#rules/pack.ts'

export const START = 1_700_000_000_000
const text = (word: string) => ({ zh: `${word}。`, en: `${word}.` })

export type Line = readonly [seconds: number, value: SampleValue, quality?: number]
export type Lines = Readonly<Record<string, readonly Line[]>>
export type Facts = Readonly<Record<string, Partial<Tag>>>

export function packOf(checks: readonly Record<string, unknown>[], sector = 'any', id = 'test'): Pack {
  const texts = { title: text('title'), why: text('why'), reason: text('value {tag}'), advice: [text('do')] }
  return parsePack({
    id,
    version: '1',
    title: text('pack'),
    sector,
    checks: checks.map((check, i) => ({ id: `check-${i}`, severity: 3, clearAfterSeconds: 0, ...texts, ...check }))
  })
}

export function birthOf(names: readonly string[], facts: Facts = {}, change: Partial<Birth> = {}): Birth {
  return {
    kind: 'birth',
    schema: 1,
    site: 'site',
    agent: 'agent',
    boot: 1,
    tagMap: 1,
    startedAt: START,
    version: '1',
    configHash: 'x',
    acknowledge: 'collector',
    siteInfo: { id: 'site', title: text('site'), sector: 'water' },
    devices: [],
    tags: names.map((name, i) => ({
      id: i + 1,
      name,
      device: 'plc-1',
      role: 'measurement',
      dataType: 'float',
      address: 'input-register 0',
      cadenceMs: 1000,
      heartbeatMs: 10_000,
      ...facts[name]
    })),
    ...change
  }
}

export interface Row {
  tag: number
  time: number
  value: SampleValue
  quality: number
}

export function rowsOf(lines: Lines): Row[] {
  return Object.values(lines)
    .flatMap((samples, i) =>
      samples.map(([seconds, value, quality]) => ({
        tag: i + 1,
        time: START + Math.round(seconds * 1000),
        value,
        quality: quality ?? (value === null ? BAD_TIMEOUT : GOOD)
      }))
    )
    .sort((a, b) => a.time - b.time)
}

export function batchOf(rows: readonly Row[], change: Partial<Judged> = {}): Judged {
  return {
    site: 'site',
    agent: 'agent',
    tagMap: 1,
    view: 'polled',
    tags: rows.map((row) => row.tag),
    times: rows.map((row) => row.time),
    values: rows.map((row) => row.value),
    qualities: rows.map((row) => row.quality),
    ...change
  }
}

export function rehearse(
  check: Record<string, unknown>,
  lines: Lines,
  facts: Facts = {}
): { findings: readonly Finding[]; engine: Engine } {
  const engine = new Engine({ packs: [packOf([check])] })
  engine.know(birthOf(Object.keys(lines), facts))
  return { findings: engine.judge(batchOf(rowsOf(lines))), engine }
}

/** Second and condition of each finding, for example '12 active'. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ time, condition }) => `${(time - START) / 1000} ${condition}`)
}

/** Samples at an even pace, the values in turn. */
export function every(seconds: number, from: number, to: number, ...values: SampleValue[]): Line[] {
  const count = Math.floor((to - from) / seconds + 1e-9) + 1
  return Array.from({ length: count }, (_, i): Line => [from + i * seconds, values[i % values.length] ?? null])
}
