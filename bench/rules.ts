// What judging costs: nanoseconds per sample with five rules on each tag, beside a plain loop over typed arrays that was
// written by hand for these five rules and does nothing else.
import type { Birth } from '#contract/agent-status.ts'
import type { Tag } from '#contract/tag.ts'
import { Engine, type Judged } from '#rules/engine.ts'
import { parsePack } from '#rules/pack.ts'

const SAMPLES_PER_BATCH = 1000
const TAGS_PER_DEVICE = 100
const ROUNDS = 5
const START = 1_750_000_000_000
const text = { zh: '测速', en: 'bench' }

const LIMITS = { low: 10, high: 90, rise: 40, fall: 40, stuckSeconds: 600, badSeconds: 60, frozenSeconds: 600 }

function check(rule: string, parameters: Record<string, unknown>) {
  const texts = { title: text, why: text, reason: text, advice: [text] }
  return { id: rule.replace('process/', ''), rule, severity: 3, parameters, ...texts }
}

const pack = parsePack({
  id: 'bench',
  version: '1',
  title: text,
  sector: 'any',
  checks: [
    check('process/range', { low: LIMITS.low, high: LIMITS.high }),
    check('process/rate', { rise: LIMITS.rise, fall: LIMITS.fall }),
    check('process/stuck', { forSeconds: LIMITS.stuckSeconds }),
    check('process/quality', { forSeconds: LIMITS.badSeconds }),
    check('process/frozen', { forSeconds: LIMITS.frozenSeconds })
  ]
})

function birthOf(count: number): Birth {
  const tags: Tag[] = Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    name: `tag${i}`,
    device: `plc-${Math.floor(i / TAGS_PER_DEVICE)}`,
    role: 'measurement',
    dataType: 'float',
    address: '',
    cadenceMs: 1000,
    heartbeatMs: 10_000
  }))
  const sender = { schema: 1 as const, site: 'bench', agent: 'bench', boot: 1 }
  const rest = { startedAt: START, version: '', configHash: '', acknowledge: 'collector' as const, devices: [] }
  return { kind: 'birth', ...sender, ...rest, tagMap: 1, siteInfo: { id: 'bench', title: text, sector: 'water' }, tags }
}

// Batches as the decoder gives them: fresh arrays that came out of JSON. Devices send their tags in order; shuffled is the worst that can come.
function batchesOf(count: number, order: readonly number[], scan: number): Judged[] {
  const batches: Judged[] = []
  for (let from = 0; from < count; from += SAMPLES_PER_BATCH) {
    const tags = order.slice(from, from + SAMPLES_PER_BATCH)
    const plain = {
      tags,
      times: tags.map((id) => START + scan * 1000 + (id % 7)),
      values: tags.map((id) => Math.round(5000 + 1000 * Math.sin(id + scan / 10) + 100 * Math.sin(scan * 31 + id)) / 100),
      qualities: tags.map(() => 0)
    }
    batches.push({ site: 'bench', agent: 'bench', tagMap: 1, view: 'polled', ...JSON.parse(JSON.stringify(plain)) })
  }
  return batches
}

class HandWritten {
  readonly #last: Float64Array
  readonly #value: Float64Array
  readonly #moved: Float64Array
  readonly #badSince: Float64Array
  readonly #deviceMoved: Float64Array
  readonly #wrong: Uint8Array
  findings = 0

  constructor(count: number) {
    this.#last = new Float64Array(count + 1)
    this.#value = new Float64Array(count + 1)
    this.#moved = new Float64Array(count + 1)
    this.#badSince = new Float64Array(count + 1)
    this.#deviceMoved = new Float64Array(Math.ceil(count / TAGS_PER_DEVICE) + 1)
    this.#wrong = new Uint8Array(count + 1)
  }

  judge({ tags, times, values, qualities }: Judged): void {
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] ?? 0
      const time = times[i] ?? 0
      const value = values[i]
      const last = this.#last[tag] ?? 0
      if (time <= last) continue
      this.#last[tag] = time
      if ((qualities[i] ?? 0) >= 0x80000000 || typeof value !== 'number') {
        if (this.#badSince[tag] === 0) this.#badSince[tag] = time
        else if (time - (this.#badSince[tag] ?? 0) > LIMITS.badSeconds * 1000) this.#tell(tag, 8)
        continue
      }
      this.#badSince[tag] = 0
      const device = Math.floor((tag - 1) / TAGS_PER_DEVICE)
      const before = this.#value[tag] ?? 0
      let wrong = value > LIMITS.high || value < LIMITS.low ? 1 : 0
      const perSecond = last === 0 ? 0 : ((value - before) * 1000) / (time - last)
      if (perSecond > LIMITS.rise || perSecond < -LIMITS.fall) wrong |= 2
      if (value !== before) {
        this.#moved[tag] = time
        this.#deviceMoved[device] = time
      } else if (time - (this.#moved[tag] ?? 0) > LIMITS.stuckSeconds * 1000) wrong |= 4
      if (time - (this.#deviceMoved[device] ?? 0) > LIMITS.frozenSeconds * 1000) wrong |= 16
      this.#value[tag] = value
      if (wrong !== this.#wrong[tag]) this.#tell(tag, wrong)
    }
  }

  #tell(tag: number, wrong: number): void {
    this.#wrong[tag] = wrong
    this.findings++
  }
}

function measure(
  count: number,
  shuffled: boolean
): { engine: number; plain: number; findings: number; snapshotMs: number; knowMs: number } {
  const order = Array.from({ length: count }, (_, i) => (shuffled ? (i * 7919) % count : i) + 1)
  const scans = Math.max(6, Math.ceil(600_000 / count))
  const engine = new Engine({ packs: [pack] })
  const started = performance.now()
  engine.know(birthOf(count))
  const knowMs = performance.now() - started
  const plain = new HandWritten(count)
  const spent = { engine: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY }
  let findings = 0
  for (let round = 0; round < ROUNDS; round++) {
    const time = { engine: 0, plain: 0 }
    for (let scan = 0; scan < scans; scan++) {
      const batches = batchesOf(count, order, round * scans + scan)
      const first = performance.now()
      for (const batch of batches) plain.judge(batch)
      const second = performance.now()
      for (const batch of batches) findings += engine.judge(batch).length
      time.plain += second - first
      time.engine += performance.now() - second
    }
    // The first round is for the compiler.
    if (round > 0) for (const who of ['engine', 'plain'] as const) spent[who] = Math.min(spent[who], (time[who] * 1e6) / (scans * count))
  }
  const faults = engine.checks().reduce((sum, one) => sum + one.faults, 0)
  if (faults > 0) throw new Error(`${faults} faults`)
  const snapping = performance.now()
  engine.snapshot()
  return { ...spent, findings, snapshotMs: performance.now() - snapping, knowMs }
}

console.log('rules: five on each tag, ns per sample, best of four rounds')
for (const [count, shuffled] of [
  [1000, false],
  [100_000, false],
  [100_000, true]
] as const) {
  const { engine, plain, findings, snapshotMs, knowMs } = measure(count, shuffled)
  const figures = [
    `${String(count).padStart(7)} tags ${shuffled ? 'shuffled' : 'in order'}: engine ${engine.toFixed(0)} ns (${(1000 / engine).toFixed(1)} M/s)`,
    `hand-written loop ${plain.toFixed(0)} ns`,
    `ratio ${(engine / plain).toFixed(1)}`,
    `findings ${findings}`,
    `birth ${knowMs.toFixed(0)} ms`,
    `snapshot ${snapshotMs.toFixed(0)} ms`
  ]
  console.log(figures.join(', '))
}
