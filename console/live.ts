// One EventSource for the whole page. The browser resumes by Last-Event-ID; when it cannot, everything shown loads again.
import { LIVE_EVENTS, ROUTES } from '#contract/api.ts'

export type LiveEvent = (typeof LIVE_EVENTS)[number]
export type LiveState = { name: 'connecting' | 'live'; since: null } | { name: 'lost'; since: number | null }

const REOPEN_MS = 3000
// A connection that the browser mends at once is not worth a line on the page.
const GRACE_MS = 2000
// Agents report more often than this; a silent connection may be a dead one.
const SILENCE_MS = 45_000

interface Options {
  onEvent(event: LiveEvent, data: unknown): void
  /** Called when events may have been missed. */
  onResync(): void
  /** Called when the collector refused the stream: the session may have ended. */
  onRefused(): void
}

export class LiveFeed {
  readonly #options: Options
  readonly #listeners = new Set<() => void>()
  #state: LiveState = { name: 'connecting', since: null }
  #source: EventSource | null = null
  #heardAt: number | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #missed = false
  #doubted = false

  constructor(options: Options) {
    this.#options = options
  }

  get = (): LiveState => this.#state

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(): void {
    if (this.#source === null) this.#open()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = null
    this.#heardAt = null
    this.#set({ name: 'connecting', since: null })
  }

  #open(): void {
    const source = new EventSource(ROUTES.live)
    this.#source = source
    source.onopen = () => {
      this.#heard()
      this.#set({ name: 'live', since: null })
      if (this.#missed) this.#options.onResync()
      this.#missed = false
    }
    source.onerror = () => this.#broken(source)
    for (const event of LIVE_EVENTS) {
      source.addEventListener(event, (message) => {
        this.#heard()
        if (event === 'resync') this.#options.onResync()
        else this.#options.onEvent(event, JSON.parse(message.data))
      })
    }
  }

  #heard(): void {
    this.#heardAt = Date.now()
    this.#doubted = false
    this.#after(SILENCE_MS, () => this.#reopen())
  }

  #broken(source: EventSource): void {
    if (source !== this.#source) return
    // CONNECTING: the browser tries again by itself and resumes. CLOSED: the answer was no event stream.
    if (source.readyState === EventSource.CLOSED) {
      this.#lost()
      this.#options.onRefused()
      this.#after(REOPEN_MS, () => this.#reopen())
    } else if (this.#state.name !== 'lost' && !this.#doubted) {
      // Each further try fails with an error of its own, which must not put off the line on the page.
      this.#doubted = true
      this.#after(GRACE_MS, () => this.#lost())
    }
  }

  #reopen(): void {
    this.#missed = true
    this.#source?.close()
    this.#open()
    if (this.#state.name === 'live') this.#after(GRACE_MS, () => this.#lost())
  }

  #lost(): void {
    if (this.#state.name !== 'lost') this.#set({ name: 'lost', since: this.#heardAt })
    this.#after(SILENCE_MS, () => this.#reopen())
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, ms)
  }

  #set(state: LiveState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
