// Holds births and health against the keys of the agents: what is not believed changes nothing, is kept aside and judged.

import type { Mistrust } from '#contract/agent-key.ts'
import type { Birth, Health } from '#contract/agent-status.ts'
import type { AgentKeys } from '../agent-keys.ts'
import type { Judge } from '../judge.ts'
import type { Unreadable } from './quarantine.ts'
import type { Source } from './streams.ts'

export interface BelievingOptions {
  keys: Pick<AgentKeys, 'hearBirth' | 'hearHealth'>
  judge: Pick<Judge, 'mistrusted' | 'trusted'>
  keep: (unreadable: Unreadable) => void
  now: () => number
}

// Each is counted and judged, but a forger who sends all day must not drive everything else out of the quarantine.
const KEPT_EVERY_MS = 600_000

const REASONS: Readonly<Record<Mistrust, string>> = {
  'wrong-signature': 'the signature is not by the trusted key',
  'missing-signature': 'it is not signed, although the agent signs',
  'unknown-key': 'no key of the agent is listed',
  'other-key': 'it shows another key than the trusted one',
  replayed: 'it is not newer than what was believed before'
}

export class Believing {
  readonly #options: BelievingOptions
  readonly #kept = new Map<string, { why: Mistrust; at: number }>()

  constructor(options: BelievingOptions) {
    this.#options = options
  }

  /** A birth is read in any case, so that samples are not lost; whose key it tells is another matter. */
  birth(birth: Birth, source: Source): void {
    const doubt = this.#options.keys.hearBirth(birth)
    if (doubt !== null) this.#doubt(birth, source, doubt)
  }

  /** False when it shall count for nothing, not even as a sign of life. */
  health(health: Health, source: Source): boolean {
    const { keys, judge, now } = this.#options
    const verdict = keys.hearHealth(health)
    if (!verdict.believed) {
      if (!verdict.repeat) this.#doubt(health, source, verdict)
      return false
    }
    if (verdict.signed) judge.trusted(health.site, health.agent, now())
    return true
  }

  #doubt({ kind, site, agent }: Birth | Health, source: Source, { why, key }: { why: Mistrust; key: string | null }): void {
    const { judge, keep, now } = this.#options
    const time = now()
    judge.mistrusted({ site, agent, time, why, key })
    const name = `${kind} ${site}/${agent}`
    const before = this.#kept.get(name)
    if (before?.why === why && Math.abs(time - before.at) < KEPT_EVERY_MS) return
    this.#kept.set(name, { why, at: time })
    keep({ ...source, code: 'MISTRUSTED', reason: `${kind} of agent ${agent} of site ${site} is not believed: ${REASONS[why]}` })
  }
}
