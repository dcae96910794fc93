// Puts a group of messages into the store; a message that the store will not have is found by halves and put into quarantine.
import type { Log } from '#runtime/log.ts'
import type { Counters, Rate } from './counters.ts'
import type { Quarantine } from './ingest/quarantine.ts'
import type { Work } from './ingest/waiting.ts'
import type { Patience } from './patience.ts'
import { StoreFault, type TelemetryStore } from './store/telemetry.ts'

export interface StoringOptions {
  store: Pick<TelemetryStore, 'append'>
  quarantine: Quarantine
  patience: Patience
  counters: Counters
  rate: Rate
  log: Log
}

export class Storing {
  readonly #options: StoringOptions

  constructor(options: StoringOptions) {
    this.#options = options
  }

  /** Resolves when all of it is durable, or refused and put aside. */
  async store(works: readonly Work[]): Promise<void> {
    if (works.length === 0) return
    const { store, patience, counters, rate } = this.#options
    const batches = works.flatMap(({ samples }) => samples ?? [])
    const isStored = await patience.untilDone(async () => {
      const end = counters.storeSeconds.startTimer()
      try {
        await store.append(batches)
        end()
        return true
      } catch (fault) {
        counters.storeFailures.inc({ code: fault instanceof StoreFault ? fault.code : 'UNKNOWN' })
        if (fault instanceof StoreFault && fault.code === 'STORE_REFUSED') return this.#isolate(works, fault)
        throw fault
      }
    })
    if (!isStored) return
    const samples = batches.reduce((sum, { slots }) => sum + slots.length, 0)
    counters.samples.inc(samples)
    rate.add(samples)
  }

  // The store refuses the group for something in it: by halves, down to the message, which goes to quarantine.
  async #isolate(works: readonly Work[], fault: StoreFault): Promise<false> {
    const [only] = works
    if (works.length > 1) {
      const middle = works.length >> 1
      await this.store(works.slice(0, middle))
      await this.store(works.slice(middle))
      return false
    }
    if (only?.samples && only.source) {
      const { stream, source, samples } = only
      const { boot, sequence, first = sequence } = samples.batch
      const { from, to, slots } = samples
      this.#options.quarantine.keep({ ...source, code: 'STORE_REFUSED', reason: fault.message })
      this.#options.log.error(
        { err: fault, topic: source.topic, boot, sequence },
        'The store refuses a message; it was put into quarantine.'
      )
      samples.isRefused = true
      only.refused = {
        site: stream.site,
        agent: stream.agent,
        change: { what: 'note', hole: { boot, first, last: sequence, from, to, reason: 'unreadable', samples: slots.length } }
      }
    }
    return false
  }
}
