// Waits until the agent of a live run has told a good value of each of its devices: only then the plant begins to move, so that
// no attack comes before there is anybody to see it.
import { decode } from '#contract/codec.ts'
import { ContractFault } from '#contract/fault.ts'
import { isBad } from '#contract/quality.ts'
import { parseTopic } from '#contract/topics.ts'
import { LiveFault } from './live-process.ts'
import type { Publish } from './mqtt-packets.ts'
import { TagDirectory } from './tag-directory.ts'

const WITHIN_MS = 90_000

export class LiveArrival {
  readonly #directory = new TagDirectory()
  readonly #waiting = new Set<string>()
  readonly #arrived = Promise.withResolvers<void>()
  #born = false
  #done = false

  hear({ topic, payload }: Publish): void {
    if (this.#done) return
    try {
      this.#learn(parseTopic(topic).kind, payload)
    } catch (fault) {
      // What the collector will refuse tells nothing here either.
      if (!(fault instanceof ContractFault)) throw fault
    }
    this.#done = this.#born && this.#waiting.size === 0
    if (this.#done) this.#arrived.resolve()
  }

  async wait(signal: AbortSignal): Promise<void> {
    const late = AbortSignal.timeout(WITHIN_MS)
    const stop = AbortSignal.any([signal, late])
    const stopped = () => this.#arrived.reject(signal.aborted ? signal.reason : this.#fault())
    if (stop.aborted) stopped()
    stop.addEventListener('abort', stopped, { once: true })
    try {
      await this.#arrived.promise
    } finally {
      stop.removeEventListener('abort', stopped)
    }
  }

  #learn(kind: string, payload: Buffer): void {
    if (kind === 'birth') {
      const birth = decode('birth', payload)
      this.#directory.learn(birth)
      for (const { id } of birth.devices) this.#waiting.add(id)
      this.#born = true
    } else if (kind === 'samples') {
      const batch = decode('samples', payload)
      const map = this.#directory.mapOf(batch)
      for (const [i, id] of batch.tags.entries()) {
        const device = map?.get(id)?.tag.device
        if (device !== undefined && !isBad(batch.qualities[i] ?? 0)) this.#waiting.delete(device)
      }
    }
  }

  #fault(): LiveFault {
    const devices = [...this.#waiting].join(', ')
    return new LiveFault({
      zh: `采集代理在 ${WITHIN_MS / 1000} 秒内未读到任何值：${devices || '尚未上线'}`,
      en: `the agent has read nothing within ${WITHIN_MS / 1000} s: ${devices || 'it was not heard of'}`
    })
  }
}
