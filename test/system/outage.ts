// A broker that is away for long: an agent fills its outbox and is killed at random, then broker and collector come back, it replays
// and is killed again; every single sample is looked for in the store and in the gap records.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { atEnd } from '../parts/at-end.ts'
import { temporaryFolder } from '../parts/wait.ts'
import { TEST_PACK } from '../pipeline/packs.ts'
import { World } from '../pipeline/world.ts'
import { AGENT, levelOf, type Orders, tagName } from './outage-plant.ts'

export interface OutageOptions {
  name: string
  tags: number
  seconds: number
  /** The cap of the outbox. */
  maxBytes: number
  kills: { away: number; back: number }
  say: (line: string) => void
}

export interface OutageResult {
  name: string
  put: number
  stored: number
  inGaps: number
  toldByGaps: number
  missing: number
  doubled: number
  wrong: number
  mostBytes: number
  maxBytes: number
  gaps: number
  kills: number
  /** Places that were told durable and were not there after the kill. */
  broken: number
  /** How long after the first connection a live sample was stored, and how much of the backlog was left then, in messages. */
  live: { afterMs: number; backlog: number } | null
  seconds: { away: number; back: number }
}

const Told = z.object({
  starts: z.number().optional(),
  durable: z.number().optional(),
  bytes: z.number().optional(),
  backlog: z.number().optional(),
  done: z
    .object({ seconds: z.number(), samples: z.object({ put: z.number(), stored: z.number(), dropped: z.number(), kept: z.number() }) })
    .optional()
})
type Told = z.infer<typeof Told>

const PROGRAM = join(import.meta.dirname, 'outage-agent.ts')
const children = new Set<ChildProcess>()
atEnd(() => {
  for (const child of children) child.kill('SIGKILL')
})

export async function outage(options: OutageOptions): Promise<OutageResult> {
  const { name, tags, seconds, maxBytes, kills, say } = options
  const folder = await temporaryFolder()
  const begin = Math.floor(Date.now() / 1000 - seconds) * 1000
  const orders: Orders = { file: join(folder, 'outbox.db'), tags, begin, until: seconds, maxBytes }
  const seen = { mostBytes: 0, broken: 0, durable: 0, kills: 0 }

  const away = await lasting(async () => {
    const points = moments(kills.away, seconds)
    await run(orders, seen, ({ durable = 0 }) => durable >= (points[0] ?? Number.POSITIVE_INFINITY) && points.shift() !== undefined)
  })
  say(`${name}: ${seconds} s of ${tags} tags put in ${away.toFixed(0)} s, ${seen.kills} kills, ${mega(seen.mostBytes)} MB kept at most`)

  await using world = await World.open({
    broker: 'embedded',
    packs: [TEST_PACK],
    live: { clients: 0, publish: () => {} },
    limits: { holdSeconds: 20, birthWaitSeconds: 5 }
  })
  let live: OutageResult['live'] = null
  let done: Told['done']
  const began = performance.now()
  const back = await lasting(async () => {
    let points: number[] | undefined
    await run({ ...orders, url: world.brokerUrl }, seen, (told) => {
      done = told.done ?? done
      if (told.backlog === undefined) return false
      if (live === null && (world.spine.newest ?? 0) >= begin + seconds * 1000) {
        live = { afterMs: performance.now() - began, backlog: told.backlog }
        say(`${name}: the first live sample was stored after ${live.afterMs.toFixed(0)} ms, with ${live.backlog} messages of backlog left`)
      }
      if (told.backlog > 0) points ??= moments(kills.back, told.backlog).reverse()
      return told.backlog > 0 && told.backlog <= (points?.[0] ?? -1) && points?.shift() !== undefined
    })
  })
  say(`${name}: replayed in ${back.toFixed(0)} s`)
  if (done === undefined) throw new Error('the agent ended without a word')

  const found = await compare(world, { tags, begin, seconds: done.seconds })
  const { put } = done.samples
  return { name, put, ...found, ...seen, maxBytes, live, seconds: { away, back } }
}

/** Runs the agent until it ends by itself; kills it whenever asked to, and starts it again. */
async function run(
  orders: Orders,
  seen: { mostBytes: number; broken: number; durable: number; kills: number },
  mustDie: (told: Told) => boolean
): Promise<void> {
  for (;;) {
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.add(child)
    const gone = once(child, 'close')
    let dying = false
    for await (const line of createInterface({ input: child.stdout })) {
      const told = parsed(line)
      if (told === undefined) continue
      if (told.starts !== undefined && told.starts < seen.durable) seen.broken++
      seen.durable = Math.max(seen.durable, told.durable ?? 0)
      seen.mostBytes = Math.max(seen.mostBytes, told.bytes ?? 0)
      if (dying || !mustDie(told)) continue
      dying = true
      void sleep(Math.random() * 20).then(() => child.kill('SIGKILL'))
    }
    const [code, signal] = await gone
    children.delete(child)
    if (signal === 'SIGKILL') seen.kills++
    else if (code === 0) return
    else throw new Error(`the agent ended with ${code ?? signal}`)
  }
}

// The last line of a killed process may be cut off.
function parsed(line: string): Told | undefined {
  try {
    return Told.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

async function compare(world: World, { tags, begin, seconds }: { tags: number; begin: number; seconds: number }) {
  const gaps = await world.spine.plant.gaps({})
  const isTold = new Uint8Array(seconds)
  for (const { from, to } of gaps)
    if (from !== null && to !== null) isTold.fill(1, Math.max(0, (from - begin) / 1000), (to - begin) / 1000 + 1)
  const counts = { stored: 0, inGaps: 0, missing: 0, doubled: 0, wrong: 0 }
  for (let tag = 1; tag <= tags; tag++) {
    const series = world.store.series({ ...AGENT, tag: tagName(tag), view: 'polled' })
    const isThere = new Uint8Array(seconds)
    const samples = await world.store.samples({ series, from: 0, to: Number.MAX_SAFE_INTEGER, limit: seconds + 1000 })
    for (const { time, value, quality } of samples) {
      const second = (time - begin) / 1000
      if (value !== levelOf(tag, second) || quality !== 0 || !Number.isInteger(second)) counts.wrong++
      if (isThere[second] === 1) counts.doubled++
      isThere[second] = 1
    }
    for (let second = 0; second < seconds; second++) {
      if (isThere[second] === 1) counts.stored++
      else if (isTold[second] === 1) counts.inGaps++
      else counts.missing++
    }
  }
  // What the store holds more than once, a reader might not see.
  counts.doubled += Math.max(0, (await world.count()) - counts.stored - counts.wrong)
  return { ...counts, gaps: gaps.length, toldByGaps: gaps.reduce((sum, { samples }) => sum + (samples ?? 0), 0) }
}

export function faultsOf({ put, stored, inGaps, toldByGaps, missing, doubled, wrong, broken, ...result }: OutageResult): string[] {
  const faults: string[] = []
  if (missing > 0) faults.push(`${missing} samples are neither stored nor in a gap record`)
  if (doubled > 0) faults.push(`${doubled} samples are there twice`)
  if (wrong > 0) faults.push(`${wrong} samples are wrong`)
  if (broken > 0) faults.push(`${broken} times a durable place was gone after a kill`)
  if (put !== stored + inGaps) faults.push(`${put} were put, ${stored + inGaps} accounted for`)
  if (toldByGaps !== inGaps) faults.push(`gap records tell ${toldByGaps} samples, ${inGaps} are not stored`)
  if (result.mostBytes > result.maxBytes) faults.push(`the outbox grew to ${result.mostBytes} bytes; its cap is ${result.maxBytes}`)
  if (result.live === null || (result.live.backlog === 0 && inGaps === 0)) faults.push('no live sample came before the backlog was through')
  return faults
}

export function tableOf(results: readonly OutageResult[]): string {
  const rows = results.map((r) => [
    r.name,
    ...[r.put, r.stored, r.inGaps, r.missing, r.doubled, r.wrong].map((n) => n.toLocaleString('en')),
    `${mega(r.mostBytes)} / ${mega(r.maxBytes)} MB`,
    String(r.kills),
    r.live === null ? '-' : `${(r.live.afterMs / 1000).toFixed(1)} s`,
    `${r.seconds.away.toFixed(0)} + ${r.seconds.back.toFixed(0)} s`
  ])
  const head = ['outage', 'put', 'stored', 'in gaps', 'missing', 'doubled', 'wrong', 'outbox / cap', 'kills', 'live after', 'away + replay']
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  return all
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '))
    .join('\n')
}

const mega = (bytes: number): string => (bytes / 1e6).toFixed(1)

const moments = (count: number, below: number): number[] => Array.from({ length: count }, () => Math.random() * below).sort((a, b) => a - b)

async function lasting(work: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}
