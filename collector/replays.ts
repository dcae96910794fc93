// Judges backlogs while live data go on: each agent that replays has an engine of its own, fed only with what is replayed, in order,
// so that a backfilled hour is judged as that hour and what is judged live knows nothing of it.
import type { Birth } from '#contract/agent-status.ts'
import type { Finding } from '#contract/finding.ts'
import { Engine } from '#rules/engine.ts'
import type { Pack } from '#rules/pack.ts'
import type { Log } from '#runtime/log.ts'
import type { Alerts } from './alerts/alerts.ts'
import type { Stream } from './ingest/streams.ts'
import type { Judge } from './judge.ts'
import type { KnownBatch } from './known-agent.ts'

export interface ReplaysOptions {
  packs: readonly Pack[]
  judge: Pick<Judge, 'activity' | 'assume'>
  alerts: Pick<Alerts, 'active'>
  birthOf: (site: string, agent: string) => Birth | undefined
  log: Log
}

interface Replay {
  engine: Engine
  birth: Birth
  judgedTo: number
}

export class Replays {
  readonly #options: ReplaysOptions
  readonly #byStream = new Map<Stream, Replay>()
  #found: Finding[] = []
  #faults = 0

  constructor(options: ReplaysOptions) {
    this.#options = options
  }

  get faults(): number {
    return this.#faults
  }

  /** False when the samples are not newer than what was judged of the backlog, so that they are not judged. */
  judge(stream: Stream, { agent, batch, times, from, to }: KnownBatch): boolean {
    const replay = this.#of(stream, from ?? 0)
    if (replay === undefined || (from ?? 0) <= replay.judgedTo) return false
    const { tagMap, view, tags, values, qualities } = batch
    this.#guard(() => replay.engine.judge({ site: agent.site, agent: agent.agent, tagMap, view, tags, times, values, qualities }))
    if (to !== null) replay.judgedTo = to
    return true
  }

  /** What was found since the last call. An end in the backlog is no end while the matter goes on now. */
  found(): readonly Finding[] {
    if (this.#found.length === 0) return this.#found
    const found = this.#found.filter((finding) => finding.condition === 'active' || this.#options.judge.activity(finding) !== true)
    this.#found = []
    return found
  }

  /**
   * For streams of which nothing is replayed any more: what was found and has not ended in the backlog is given to the live rules, for
   * only they will see its end.
   */
  end(streams: readonly Stream[]): void {
    const over = new Set(streams.filter(({ lanes }) => !lanes.areMany).map(({ site, agent }) => `${site}/${agent}`))
    for (const stream of streams) if (!stream.lanes.areMany) this.#byStream.delete(stream)
    if (over.size === 0) return
    const { judge, alerts } = this.#options
    for (const alert of alerts.active())
      if (over.has(`${alert.site}/${alert.agent}`) && judge.activity(alert) === false) judge.assume(alert, alert.lastSeen)
  }

  has(stream: Stream): boolean {
    return this.#byStream.has(stream)
  }

  // What was active when the backlog begins is taken for active, so that its end is found too.
  #of(stream: Stream, from: number): Replay | undefined {
    const { packs, alerts, birthOf } = this.#options
    const { site, agent } = stream
    const birth = birthOf(site, agent)
    if (birth === undefined) return undefined
    const known = this.#byStream.get(stream)
    if (known?.birth === birth) return known
    const replay = known ?? { engine: new Engine({ packs }), birth, judgedTo: Number.NEGATIVE_INFINITY }
    replay.birth = birth
    replay.engine.know(birth)
    if (known === undefined)
      for (const alert of alerts.active())
        if (alert.site === site && alert.agent === agent && alert.lastSeen <= from) replay.engine.assume(alert, alert.lastSeen)
    this.#byStream.set(stream, replay)
    return replay
  }

  #guard(work: () => readonly Finding[]): void {
    try {
      for (const finding of work()) this.#found.push(finding)
    } catch (err) {
      if (this.#faults++ === 0) this.#options.log.error({ err }, 'The rules failed on a backlog; it is stored but not judged.')
    }
  }
}
