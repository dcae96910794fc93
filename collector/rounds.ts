// Work that is due again and again: each on its own, never overlapping itself; what fails is logged and tried at the next turn.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'

export interface Round {
  what: string
  everyMs: number
  work: () => void | Promise<void>
}

export class Rounds implements Part {
  readonly name = 'rounds'
  readonly #rounds: readonly Round[]
  readonly #log: Log
  readonly #end = new AbortController()
  #running: Promise<void>[] = []

  constructor({ rounds, log }: { rounds: readonly Round[]; log: Log }) {
    this.#rounds = rounds
    this.#log = log
  }

  async start(): Promise<void> {
    this.#running = this.#rounds.map((round) => this.#go(round))
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#running)
  }

  async #go({ what, everyMs, work }: Round): Promise<void> {
    let failures = 0
    while (await this.#pause(everyMs)) {
      try {
        await work()
        failures = 0
      } catch (err) {
        // Told when it begins, not at each turn.
        if (failures++ === 0) this.#log.error({ err, what }, 'Work that is due regularly failed; it will be tried again.')
      }
    }
  }

  async #pause(ms: number): Promise<boolean> {
    if (this.#end.signal.aborted) return false
    await sleep(ms, undefined, { signal: this.#end.signal }).catch(() => undefined)
    return !this.#end.signal.aborted
  }
}
