// Tries again what the store could not take, as long as it takes, and says so; rejects only when the collector stops.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#runtime/log.ts'
import type { Centre } from './centre.ts'

export interface PatienceOptions {
  centre: Centre
  log: Log
  signal: AbortSignal
  retryMs?: { min: number; max: number }
}

export class Patience {
  readonly #options: Required<PatienceOptions>

  constructor(options: PatienceOptions) {
    this.#options = { retryMs: { min: 200, max: 5000 }, ...options }
  }

  async untilDone<T>(work: () => T | Promise<T>): Promise<T> {
    const { centre, log, signal, retryMs } = this.#options
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work()
        if (attempt > 0) log.info({ attempts: attempt + 1 }, 'The store is back.')
        centre.ok('store')
        return result
      } catch (err) {
        if (signal.aborted) throw err
        if (attempt === 0) log.error({ err }, 'Storing failed; nothing is lost, it is tried again.')
        centre.failing('store', reasonOf(err))
        // Full jitter, so that collectors do not come back all at once.
        const bound = Math.min(retryMs.max, retryMs.min * 2 ** attempt)
        await sleep(retryMs.min + Math.random() * (bound - retryMs.min), undefined, { signal }).catch(() => undefined)
      }
    }
  }
}

function reasonOf(error: unknown) {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 500)
  return {
    zh: `数据暂时无法存储，已保留并重试：${message}`,
    en: `Data cannot be stored for now; they are kept and tried again: ${message}`
  }
}
