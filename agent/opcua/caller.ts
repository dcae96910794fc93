// Asks a connected server within its budget, and counts how it went.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Budget } from '../budget.ts'
import { faultOf } from './fault.ts'
import type { Asked, OpcUaSession, RequestBody, Responses } from './session.ts'
import type { ServerTally } from './tally.ts'

export interface CallerOptions {
  session: OpcUaSession
  budget: Budget
  tally: ServerTally
  timeoutMs: number
  signal: AbortSignal
}

export class Caller {
  readonly #options: CallerOptions
  #turn: Promise<void> = Promise.resolve()

  constructor(options: CallerOptions) {
    this.#options = options
  }

  /** Rejects with an OpcUaFault. */
  async ask<S extends Asked>(service: S, body: RequestBody<S>, timeoutMs = this.#options.timeoutMs): Promise<Responses[S]> {
    const { session, budget, tally } = this.#options
    await this.#mayBegin()
    const begun = performance.now()
    try {
      const response = await session.ask(service, body, timeoutMs)
      // A publish waits at the server until there is something to say; that says nothing about its pace.
      if (service !== 'Publish') tally.took(performance.now() - begun)
      return response
    } catch (error) {
      const fault = faultOf(error, service)
      if (!this.#options.signal.aborted) tally.failed(fault)
      throw fault
    } finally {
      budget.ended()
    }
  }

  // One after the other, for the budget lets one request begin at a time.
  async #mayBegin(): Promise<void> {
    const { budget, signal } = this.#options
    const before = this.#turn
    let done = () => {}
    this.#turn = new Promise((resolve) => {
      done = resolve
    })
    await before
    try {
      for (let wait = budget.waitMs(0); wait > 0; wait = budget.waitMs(0)) await sleep(Math.ceil(wait), undefined, { signal })
      budget.take(0)
    } finally {
      done()
    }
  }
}
