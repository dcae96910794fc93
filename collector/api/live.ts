// Live: server-sent events with ids, a bounded memory for those who come back, and no patience with slow readers.
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setInterval as every } from 'node:timers/promises'
import type { Alert } from '#contract/alert.ts'
import type { LIVE_EVENTS, LiveDeviceEvents, LiveSamples, PartState, SiteView } from '#contract/api.ts'
import { Refused } from '../refused.ts'

export type LiveEvent =
  | { event: 'alert'; data: Alert }
  | { event: 'samples'; data: LiveSamples }
  | { event: 'events'; data: LiveDeviceEvents }
  | { event: 'site'; data: SiteView }
  | { event: 'parts'; data: readonly PartState[] }

export interface LiveClient {
  response: ServerResponse
  /** Headers that the server has set for the answer. */
  headers: Readonly<Record<string, string | number | string[] | undefined>>
  /** Of Last-Event-ID, when the client comes back. */
  lastEventId: string | undefined
  sessionId: string
  /** Asked at each heartbeat and after each revocation. */
  stillStands: () => boolean
}

export interface LiveOptions {
  heartbeatMs?: number
  maxClients?: number
  maxClientsPerSession?: number
  /** How many events, and how many bytes of them, are kept for clients that come back. */
  keepEvents?: number
  keepBytes?: number
  /** A client that has not taken so many bytes is dropped; it comes back and resumes. */
  maxUnsentBytes?: number
}

interface Kept {
  number: number
  frame: string
}

export class Live {
  // Numbers start anew with the process, so each id also names the process.
  readonly #run = randomBytes(6).toString('hex')
  readonly #options: Required<LiveOptions>
  readonly #clients = new Set<LiveClient>()
  readonly #stopping = new AbortController()
  #kept: Kept[] = []
  #keptBytes = 0
  #number = 0
  #dropped = 0
  #beating: Promise<void> | undefined

  constructor(options: LiveOptions = {}) {
    this.#options = {
      heartbeatMs: 15_000,
      maxClients: 200,
      maxClientsPerSession: 10,
      keepEvents: 2000,
      keepBytes: 8 << 20,
      maxUnsentBytes: 1 << 20,
      ...options
    }
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Clients dropped because they read too slowly. */
  get dropped(): number {
    return this.#dropped
  }

  start(): void {
    this.#beating ??= this.#beat(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const client of this.#clients) this.#end(client)
    await this.#beating
  }

  publish({ event, data }: LiveEvent): void {
    this.#number++
    const frame = this.#frame(event, data)
    this.#kept.push({ number: this.#number, frame })
    this.#keptBytes += frame.length
    while (this.#kept.length > this.#options.keepEvents || (this.#keptBytes > this.#options.keepBytes && this.#kept.length > 1))
      this.#keptBytes -= this.#kept.shift()?.frame.length ?? 0
    for (const client of this.#clients) this.#send(client, frame)
  }

  /** Throws Refused when there are too many clients already. */
  connect(client: LiveClient): void {
    const ofSession = [...this.#clients].filter(({ sessionId }) => sessionId === client.sessionId).length
    if (this.#stopping.signal.aborted || this.#clients.size >= this.#options.maxClients || ofSession >= this.#options.maxClientsPerSession)
      throw new Refused('BUSY', { retryAfterSeconds: 10 })
    const { response, headers } = client
    response.on('close', () => this.#clients.delete(client))
    response.on('error', () => this.#clients.delete(client))
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
    // A proxy that gathers what it passes on would hold events back; a connection that waits for more would hold up the stop.
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' })
    this.#clients.add(client)
    for (const frame of this.#missedBy(client.lastEventId)) this.#send(client, frame)
    // An id without data is remembered by the client and shown to nobody.
    this.#send(client, `retry: 2000\nid: ${this.#idOf(this.#number)}\n\n`)
  }

  /** Ends the streams of sessions that no longer stand. */
  recheck(): void {
    for (const client of this.#clients) if (!client.stillStands()) this.#end(client)
  }

  #missedBy(lastEventId: string | undefined): readonly string[] {
    if (lastEventId === undefined) return []
    const match = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastEventId)
    const last = Number(match?.[2])
    const oldest = this.#kept[0]?.number ?? this.#number + 1
    if (match?.[1] !== this.#run || last > this.#number || last + 1 < oldest) return [this.#frame('resync', {})]
    const missed = this.#kept.slice(last + 1 - oldest).map(({ frame }) => frame)
    // More than a client may leave unread would only have it dropped again.
    const bytes = missed.reduce((sum, frame) => sum + frame.length, 0)
    return bytes > this.#options.maxUnsentBytes ? [this.#frame('resync', {})] : missed
  }

  #frame(event: (typeof LIVE_EVENTS)[number], data: unknown): string {
    return `id: ${this.#idOf(this.#number)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  }

  #idOf(number: number): string {
    return `${this.#run}-${number}`
  }

  #send(client: LiveClient, frame: string): void {
    const { response } = client
    if (response.writableLength <= this.#options.maxUnsentBytes) {
      response.write(frame)
      return
    }
    this.#dropped++
    this.#clients.delete(client)
    response.destroy()
  }

  #end(client: LiveClient): void {
    this.#clients.delete(client)
    client.response.end()
  }

  async #beat(signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of every(this.#options.heartbeatMs, undefined, { signal, ref: false })) {
        this.recheck()
        for (const client of this.#clients) this.#send(client, ':\n\n')
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}
