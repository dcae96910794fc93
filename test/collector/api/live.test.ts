// Live events over real sockets: order, resuming, resync, slow readers, limits, revocation and stopping.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LiveSamples } from '#contract/api.ts'
import { type Centre, codeOf, finding, PASSWORD, startCentre } from './centre.ts'
import { Listener } from './listener.ts'

const samples = (value: number, padding = ''): { event: 'samples'; data: LiveSamples } => ({
  event: 'samples',
  data: {
    site: 'east-water',
    agent: 'edge-1',
    view: 'polled',
    tags: ['tower.level'],
    times: [value],
    values: [padding === '' ? value : padding],
    qualities: [0]
  }
})
const valuesOf = (listener: Listener) =>
  listener.events.filter(({ event }) => event === 'samples').map(({ data }) => (data as LiveSamples).times[0])

let centre: Centre
let cookie: string
const listeners: Listener[] = []
const listen = (lastEventId?: string, who = cookie) => {
  const listener = new Listener(centre, who, lastEventId)
  listeners.push(listener)
  return listener
}
const restart = async (options: Parameters<typeof startCentre>[0]) => {
  await centre.stop()
  centre = await startCentre(options)
  cookie = await centre.signIn('guard')
}

beforeEach(async () => {
  centre = await startCentre({ liveOptions: { heartbeatMs: 50 } })
  cookie = await centre.signIn('guard')
})
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close()
  await centre.stop()
})

describe('events', () => {
  it('come to every listener in order, with ids and heartbeats', async () => {
    const [one, other] = [listen(), listen()]
    await Promise.all([one, other].map((listener) => listener.until(({ lastId }) => lastId !== '')))
    for (let i = 1; i <= 5; i++) centre.live.publish(samples(i))
    for (const listener of [one, other]) {
      await listener.until(({ events, heartbeats }) => events.length === 5 && heartbeats >= 2)
      expect(valuesOf(listener)).toEqual([1, 2, 3, 4, 5])
      expect(new Set(listener.events.map(({ id }) => id)).size).toBe(5)
    }
  })

  it('tell what another person did with an alert', async () => {
    const [raised] = centre.alerts.take([finding()])
    const listener = listen()
    await listener.until(({ lastId }) => lastId !== '')
    await centre.request(`/api/alerts/${raised?.id}/actions`, { method: 'POST', body: { action: 'acknowledge', version: 1 }, cookie })
    await listener.until(({ events }) => events.length === 1)
    expect(listener.events[0]).toMatchObject({ event: 'alert', data: { id: raised?.id, handling: 'acknowledged', version: 2 } })
  })

  it('carry the headers of every other answer and are kept by nobody', async () => {
    const controller = new AbortController()
    const response = await fetch(`${centre.server.url}/api/live`, { headers: { cookie }, signal: controller.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    controller.abort()
  })
})

describe('coming back', () => {
  it('gives exactly what was missed, then goes on', async () => {
    const first = listen()
    await first.until(({ lastId }) => lastId !== '')
    centre.live.publish(samples(1))
    await first.until(({ events }) => events.length === 1)
    first.close()
    for (let i = 2; i <= 4; i++) centre.live.publish(samples(i))
    const second = listen(first.lastId)
    await second.until(({ events }) => events.length === 3)
    centre.live.publish(samples(5))
    await second.until(({ events }) => events.length === 4)
    expect(valuesOf(second)).toEqual([2, 3, 4, 5])
  })

  it('gives nothing twice to one who missed nothing, even before the first event', async () => {
    const first = listen()
    await first.until(({ lastId }) => lastId !== '')
    first.close()
    centre.live.publish(samples(1))
    const second = listen(first.lastId)
    await second.until(({ events }) => events.length === 1)
    const third = listen(second.lastId)
    await third.until(({ heartbeats }) => heartbeats > 0)
    expect(third.events).toEqual([])
  })

  it.each(['nonsense', '0123456789ab-1', '-1', "'; DROP TABLE x", 'f'.repeat(64)])(
    'says resync after the unknown id %s, and can be resumed then',
    async (id) => {
      centre.live.publish(samples(1))
      const listener = listen(id)
      await listener.until(({ events }) => events.length === 1)
      expect(listener.events[0]).toMatchObject({ event: 'resync', data: {} })
      listener.close()
      centre.live.publish(samples(2))
      const again = listen(listener.lastId)
      await again.until(({ events }) => events.length === 1)
      expect(valuesOf(again)).toEqual([2])
    }
  )

  it('says resync when more was missed than is kept, by number or by size', async () => {
    await restart({ liveOptions: { keepEvents: 3, keepBytes: 5000 } })
    const first = listen()
    await first.until(({ lastId }) => lastId !== '')
    first.close()
    for (let i = 1; i <= 3; i++) centre.live.publish(samples(i))
    const enough = listen(first.lastId)
    await enough.until(({ events }) => events.length === 3)
    centre.live.publish(samples(4))
    const tooMany = listen(first.lastId)
    await tooMany.until(({ events }) => events.length === 1)
    expect(tooMany.events[0]?.event).toBe('resync')
    for (let i = 5; i <= 7; i++) centre.live.publish(samples(i, 'x'.repeat(3000)))
    const tooMuch = listen(enough.lastId)
    await tooMuch.until(({ events }) => events.length === 1)
    expect(tooMuch.events[0]?.event).toBe('resync')
  })
})

describe('limits', () => {
  it('drops one who does not read, and serves the others', async () => {
    await restart({ liveOptions: { maxUnsentBytes: 64 << 10 } })
    const quick = listen()
    await quick.until(({ lastId }) => lastId !== '')
    const { port } = centre.server
    const lazy = connect(port, '127.0.0.1')
    lazy.on('error', () => {})
    lazy.pause()
    lazy.write(`GET /api/live HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`)
    while (centre.live.clients < 2) await sleep(10)
    let sent = 0
    while (centre.live.dropped === 0 && sent < 2000) {
      centre.live.publish(samples(++sent, 'x'.repeat(20_000)))
      await quick.until(({ events }) => events.length >= sent)
    }
    lazy.destroy()
    expect(centre.live.dropped).toBe(1)
    expect(centre.live.clients).toBe(1)
    expect(valuesOf(quick)).toEqual(Array.from({ length: sent }, (_, index) => index + 1))
  })

  it('lets in so many and no more', async () => {
    await restart({ liveOptions: { maxClients: 3, maxClientsPerSession: 2 } })
    const ask = (who: string) => centre.request('/api/live', { cookie: who })
    const [one, two] = [listen(), listen()]
    await Promise.all([one, two].map((listener) => listener.until(({ lastId }) => lastId !== '')))
    const third = await ask(cookie)
    expect([third.status, await codeOf(third), third.headers.get('retry-after')]).toEqual([503, 'BUSY', '10'])
    const witness = await centre.signIn('witness')
    const other = listen(undefined, witness)
    await other.until(({ lastId }) => lastId !== '')
    expect((await ask(await centre.signIn('chief'))).status).toBe(503)
    one.close()
    while (centre.live.clients === 3) await sleep(10)
    const next = listen()
    await next.until(({ lastId }) => lastId !== '')
  })
})

describe('the end of a stream', () => {
  it('comes with the end of its session, and of no other', async () => {
    const witness = await centre.signIn('witness')
    const [own, other] = [listen(), listen(undefined, witness)]
    await Promise.all([own, other].map((listener) => listener.until(({ lastId }) => lastId !== '')))
    await centre.request('/api/session', { method: 'DELETE', cookie })
    await own.until(({ ended }) => ended)
    expect([other.ended, centre.live.clients]).toEqual([false, 1])
  })

  it('comes when the account is disabled or its password is changed', async () => {
    const listener = listen()
    await listener.until(({ lastId }) => lastId !== '')
    await centre.accounts.change('guard', { disabled: true }, 'chief')
    await listener.until(({ ended }) => ended)
    const body = { current: PASSWORD, next: 'ten bigger fish' }
    const witness = await centre.signIn('witness')
    const another = listen(undefined, witness)
    await another.until(({ lastId }) => lastId !== '')
    await centre.request('/api/session/password', { method: 'POST', body, cookie: witness })
    await another.until(({ ended }) => ended)
  })

  it('comes when the session has idled too long, though the stream was open', async () => {
    const listener = listen()
    await listener.until(({ lastId }) => lastId !== '')
    centre.clock.offset += 31 * 60_000
    await listener.until(({ ended }) => ended)
    expect((await centre.request('/api/session', { cookie })).status).toBe(401)
  })

  it('comes at once when the server stops, which then lets nobody in', async () => {
    const listener = listen()
    await listener.until(({ lastId }) => lastId !== '')
    const { url } = centre.server
    await centre.server.stop()
    await listener.until(({ ended }) => ended)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })
})
