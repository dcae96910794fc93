// Serves the mimic pages: one for each PLC of this process, live by server-sent events, with buttons that play attacks.
// It is a tester's tool without sign-in, so it listens on loopback unless told otherwise and takes orders only from its own pages.
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname as machineName } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { LANGUAGES, type Language, pick } from '#contract/text.ts'
import { languageOf } from '#runtime/language.ts'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import { PlayFault } from '../play-fault.ts'
import type { Simulator } from '../simulator.ts'
import { momentOf } from './moment.ts'
import { page } from './page.ts'

const TELL_EVERY_MS = 500
const MOST_LISTENERS = 100
const HEADERS = {
  'content-security-policy': "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store'
}
const FILES = { 'page.css': 'text/css; charset=utf-8', 'page.js': 'text/javascript; charset=utf-8' } as const

const Order = z.strictObject({ name: z.string().max(100), parameters: z.unknown().optional() })

export interface MimicOptions {
  host: string
  port: number
  simulators: readonly Simulator[]
  log: Log
}

type Asked = FastifyRequest<{ Params: { site: string } }>

export class MimicServer implements Part {
  readonly name = 'mimic'
  readonly #options: MimicOptions
  readonly #stopping = new AbortController()
  #app: FastifyInstance | undefined
  #listeners = 0

  constructor(options: MimicOptions) {
    this.#options = options
  }

  get port(): number {
    const address = this.#app?.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async start(): Promise<void> {
    const { host, port, log, simulators } = this.#options
    const app = fastify({ bodyLimit: 64 << 10, forceCloseConnections: true })
    this.#app = app
    app.addHook('onRequest', async (request, reply) => {
      reply.headers(HEADERS)
      if (!isFromHere(request, host)) await reply.code(403).send({ code: 'FORBIDDEN', message: 'from its own page only' })
    })
    app.setErrorHandler((error, request, reply) => this.#answerFault(error, reply, wished(request)))
    app.get('/', ({ url }, reply) => reply.redirect(`./${simulators[0]?.site ?? ''}/${new URL(url, 'http://here').search}`))
    app.get('/:site/', (request: Asked, reply) => this.#page(request, reply))
    for (const [file, type] of Object.entries(FILES))
      app.get(`/:site/${file}`, async (_request, reply) => reply.type(type).send(await readFile(new URL(file, import.meta.url))))
    app.get('/:site/api/live', (request: Asked, reply) => this.#live(request, reply))
    app.post('/:site/api/start', (request: Asked) =>
      this.#order(request, (simulator, { name, parameters }) => simulator.play(name, parameters))
    )
    app.post('/:site/api/stop', (request: Asked) => this.#order(request, (simulator, { name }) => simulator.stopPlay(name)))
    await app.listen({ host, port })
    log.info({ url: `http://${host}:${this.port}/` }, 'The mimic page is served.')
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#app?.close()
  }

  async #page(request: Asked, reply: FastifyReply): Promise<FastifyReply> {
    const { site, scene, speed, modbusPort } = this.#simulator(request)
    if (scene === undefined) return reply.code(503).send({ message: 'the simulator is not running' })
    const sites = this.#options.simulators.map((one) => one.site)
    return reply.type('text/html; charset=utf-8').send(page({ site, scene, speed, modbusPort, language: wished(request), sites }))
  }

  async #live(request: Asked, reply: FastifyReply): Promise<FastifyReply> {
    const simulator = this.#simulator(request)
    const language = wished(request)
    if (this.#listeners >= MOST_LISTENERS) return reply.code(503).send({ message: 'too many listeners' })
    this.#listeners++
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    const ending = new AbortController()
    const signal = AbortSignal.any([ending.signal, this.#stopping.signal])
    raw.on('close', () => ending.abort())
    while (!signal.aborted) {
      const { scene } = simulator
      // Who does not read is told no more until he does.
      if (scene !== undefined && !raw.writableNeedDrain) raw.write(`data: ${JSON.stringify(momentOf(scene, language))}\n\n`)
      await sleep(TELL_EVERY_MS, undefined, { signal }).catch(() => {})
    }
    this.#listeners--
    raw.end()
    return reply
  }

  async #order(request: Asked, act: (simulator: Simulator, order: z.infer<typeof Order>) => Promise<unknown>): Promise<unknown> {
    return act(this.#simulator(request), Order.parse(request.body))
  }

  #simulator({ params }: Asked): Simulator {
    const simulator = this.#options.simulators.find(({ site }) => site === params.site)
    if (simulator === undefined) throw new PlayFault('PLAY_UNKNOWN', noSite(params.site.slice(0, 100)))
    return simulator
  }

  #answerFault(error: unknown, reply: FastifyReply, language: Language): FastifyReply {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof PlayFault) return reply.code(409).send({ code: error.code, message: pick(error.text, language) })
    if (error instanceof z.ZodError) return reply.code(400).send({ code: 'BAD_REQUEST', message: error.issues[0]?.message ?? '' })
    const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 502
    if (status >= 500) this.#options.log.warn({ err: error }, 'An order of the mimic page failed.')
    return reply.code(status).send({ code: 'FAILED', message })
  }
}

// Another page in the same browser must not play attacks, but may link here. A browser says which name it was told to go to; names
// can be made to lead here (DNS rebinding), addresses cannot.
function isFromHere({ method, hostname, headers }: FastifyRequest, ownHost: string): boolean {
  const isOwnName = [ownHost, 'localhost', machineName()].includes(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  const isOther = (site === 'cross-site' || site === 'same-site') && !(method === 'GET' && mode === 'navigate')
  return isOwnName && !isOther && (origin === undefined || origin === `http://${headers.host ?? ''}`)
}

const noSite = (site: string) => ({ zh: `没有站点 ${site}`, en: `there is no site ${site}` })

function wished({ query }: FastifyRequest): Language {
  const asked = typeof query === 'object' && query !== null && 'language' in query ? query.language : undefined
  return LANGUAGES.find((one) => one === asked) ?? languageOf()
}
