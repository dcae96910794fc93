// The latest value of each tag as this page has heard it, with the moment it was heard, so that no old value looks new.
import type { LiveSamples, TagView } from '#contract/api.ts'
import { HEARTBEATS_TO_STALE, keyOf } from './series.ts'

export interface LiveValue {
  time: number
  value: number | string | null
  quality: number
  /** When this browser last heard of the tag, by its own clock; null when the collector already called it stale. */
  heardAt: number | null
}

export class LiveValues {
  readonly #values = new Map<string, LiveValue>()
  readonly #listeners = new Map<string, Set<() => void>>()

  // An answer of GET /api/tags: what is not stale there was heard within three heartbeats.
  seed(tags: readonly TagView[], now = Date.now()): void {
    for (const { site, agent, view, tag, latest, stale } of tags) {
      if (latest === null) continue
      const key = keyOf({ site, agent, view, tag: tag.name })
      const known = this.#values.get(key)
      if (known !== undefined && known.time > latest.time) continue
      this.#put(key, { ...latest, heardAt: stale ? null : now })
    }
  }

  apply({ site, agent, view, tags, times, values, qualities }: LiveSamples, now = Date.now()): void {
    tags.forEach((tag, i) => {
      const time = times[i]
      const value = values[i]
      const quality = qualities[i]
      if (time === undefined || value === undefined || quality === undefined) return
      const key = keyOf({ site, agent, view, tag })
      const known = this.#values.get(key)
      if (known === undefined || known.time <= time) this.#put(key, { time, value, quality, heardAt: now })
    })
  }

  get(key: string): LiveValue | undefined {
    return this.#values.get(key)
  }

  clear(): void {
    this.#values.clear()
  }

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(key)
    }
  }

  #put(key: string, value: LiveValue): void {
    this.#values.set(key, value)
    for (const listener of this.#listeners.get(key) ?? []) listener()
  }
}

// Stale: the collector said so, or nothing was heard for three heartbeats, the connection being lost included.
export function isStale({ heardAt }: LiveValue, heartbeatMs: number, now = Date.now()): boolean {
  return heardAt === null || now - heardAt > Math.max(HEARTBEATS_TO_STALE * heartbeatMs, 5000)
}
