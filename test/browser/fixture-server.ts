// Serves the built console under the real policy, with the made-up centre behind it, and live streams that can be cut.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { SignIn } from '#contract/api.ts'
import { type Answer, FixtureCentre, PASSWORD } from './fixture-centre.ts'
import { AGENT, SITE, valueAt } from './fixture-plant.ts'

const DIST = join(import.meta.dirname, '../../console/dist')
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml'
}
// As the collector states it: nothing from outside, no inline style or script.
const POLICY = [
  ...['default-src', 'script-src', 'style-src', 'font-src', 'connect-src', 'base-uri', 'form-action'].map((name) => `${name} 'self'`),
  "img-src 'self' data:",
  "object-src 'none'",
  "frame-ancestors 'none'"
].join('; ')

export class FixtureServer implements AsyncDisposable {
  readonly centre = new FixtureCentre()
  /** True while the collector is to be away: requests are cut. */
  away = false
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((fault: unknown) => {
      if (response.headersSent) response.destroy()
      else reply(response, { status: 400, code: fault instanceof Error ? fault.message.slice(0, 200) : 'UNKNOWN' })
    })
  })
  readonly #streams = new Set<ServerResponse>()
  readonly #sessions = new Map<string, string>()
  #event = 0

  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  send(event: string, data: unknown): void {
    const text = `id: ${++this.#event}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    for (const stream of this.#streams) stream.write(text)
  }

  sendSamples(tags: readonly string[], now = Date.now()): void {
    const columns = {
      tags,
      times: tags.map(() => now),
      values: tags.map((tag) => (tag === 'chlorine.setpoint' ? 1.8 : valueAt(tag, now))),
      qualities: tags.map(() => 0)
    }
    this.send('samples', { site: SITE.id, agent: AGENT, view: 'polled', ...columns })
  }

  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  /** The cookie of somebody who signed in before. */
  sessionOf(name: string): string {
    const token = crypto.randomUUID().replaceAll('-', '')
    this.#sessions.set(token, name)
    return token
  }

  endSessions(): void {
    this.#sessions.clear()
    this.cutStreams()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fixture')
    response.setHeader('content-security-policy', POLICY)
    response.setHeader('x-content-type-options', 'nosniff')
    if (!url.pathname.startsWith('/api/')) return serveFile(url.pathname, response)
    if (this.away) {
      request.socket.destroy()
      return
    }
    const body: unknown = request.method === 'GET' ? undefined : JSON.parse((await textOf(request)) || 'null')
    const [, , group = '', id = '', rest] = url.pathname.split('/')
    const named = (group === 'alerts' || group === 'accounts') && id !== ''
    const pattern = named ? `/api/${group}/:id${rest === undefined ? '' : `/${rest}`}` : url.pathname
    const route = `${request.method} ${pattern}`
    if (route === 'POST /api/session') return this.#signIn(SignIn.parse(body), response)
    const token = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    const account = this.centre.accounts.find(({ name }) => name === this.#sessions.get(token))
    if (account === undefined) return reply(response, { status: 401, code: 'NOT_SIGNED_IN' })
    if (route === 'GET /api/live') return this.#stream(response)
    if (route === 'DELETE /api/session') this.#sessions.delete(token)
    reply(response, this.centre.answer({ route, query: Object.fromEntries(url.searchParams), body, account, id: decodeURIComponent(id) }))
  }

  #signIn({ name, password }: { name: string; password: string }, response: ServerResponse): void {
    const account = this.centre.accounts.find((one) => one.name === name)
    if (account === undefined || password !== PASSWORD) {
      reply(response, { status: 401, code: 'SIGN_IN_WRONG' })
      return
    }
    response.setHeader('set-cookie', `session=${this.sessionOf(name)}; HttpOnly; SameSite=Strict; Path=/`)
    reply(response, { content: { account, expiresAt: Date.now() + 3_600_000 } })
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 500\n\n')
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  // Names of tags have dots: only what the build made is a file, all else is a place in the console.
  const name = path.startsWith('/assets/') || path === '/icon.svg' ? normalize(path) : 'index.html'
  response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream')
  try {
    response.end(await readFile(join(DIST, name)))
  } catch {
    // What was not built is not there.
    response.writeHead(404).end()
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let all = ''
  for await (const piece of request) all += String(piece)
  return all
}

function reply(response: ServerResponse, answer: Answer): void {
  const status = 'status' in answer ? answer.status : 200
  const content = 'content' in answer ? answer.content : { error: { code: answer.code ?? '', message: answer.code ?? '', faults: [] } }
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(status === 204 ? undefined : JSON.stringify(content))
}
