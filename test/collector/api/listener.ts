// What a browser's EventSource does, as far as tests need it.
import { type ClientRequest, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Centre } from './centre.ts'

interface Got {
  id: string
  event: string
  data: unknown
}

export class Listener {
  readonly events: Got[] = []
  lastId = ''
  heartbeats = 0
  ended = false
  readonly #request: ClientRequest
  #text = ''

  constructor(centre: Centre, cookie: string, lastEventId?: string) {
    const headers = { cookie, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) }
    this.#request = get(`${centre.server.url}/api/live`, { headers, agent: false }, (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const blocks = (this.#text + chunk).split('\n\n')
        this.#text = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block)
      })
      response.on('close', () => {
        this.ended = true
      })
      response.on('error', () => {})
    })
    // A stream that is cut off ends like any other.
    this.#request.on('error', () => {
      this.ended = true
    })
  }

  #take(block: string): void {
    if (block === ':') this.heartbeats++
    const field = (name: string) =>
      block
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
    const id = field('id')
    if (id !== undefined) this.lastId = id
    const data = field('data')
    if (data !== undefined) this.events.push({ id: id ?? '', event: field('event') ?? 'message', data: JSON.parse(data) })
  }

  async until(condition: (listener: Listener) => boolean): Promise<void> {
    for (let i = 0; i < 5000; i++) {
      if (condition(this)) return
      await sleep(2)
    }
    throw new Error(`waited in vain; got ${JSON.stringify(this.events).slice(0, 500)}`)
  }

  close(): void {
    this.#request.destroy()
  }
}
