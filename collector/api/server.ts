// The HTTP server of the collector: API, live events, documentation and the console, each answer with its security headers.
import type { AddressInfo } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import fastifyHelmet from '@fastify/helmet'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import fastify from 'fastify'
import { jsonSchemaTransform, serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Part } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import type { Database } from '#runtime/sqlite.ts'
import type { AgentKeys } from '../agent-keys.ts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Audit } from '../audit.ts'
import { Refused } from '../refused.ts'
import type { TelemetryStore } from '../store/telemetry.ts'
import { accountRoutes } from './account-routes.ts'
import type { Accounts } from './accounts.ts'
import { agentKeyRoutes } from './agent-key-routes.ts'
import { alertRoutes } from './alert-routes.ts'
import type { App, Routes } from './app.ts'
import { auditRoutes } from './audit-routes.ts'
import { consoleFiles } from './console-files.ts'
import { answerFault } from './faults.ts'
import { Guard, refuseForeign } from './guard.ts'
import { healthRoutes } from './health-routes.ts'
import type { Live } from './live.ts'
import { liveRoutes } from './live-routes.ts'
import type { Plant } from './plant.ts'
import { plantRoutes } from './plant-routes.ts'
import { samplesRoutes } from './samples-routes.ts'
import { securityHeaders } from './security-headers.ts'
import { sessionRoutes } from './session-routes.ts'
import type { Sessions } from './sessions.ts'
import { validatorCompiler } from './validation.ts'

export interface ServerOptions {
  log: Log
  database: Database
  alerts: Alerts
  agentKeys: Pick<AgentKeys, 'views' | 'accept'>
  audit: Audit
  accounts: Accounts
  sessions: Sessions
  live: Live
  plant: Plant
  store: Pick<TelemetryStore, 'range'>
  metrics: () => string | Promise<string>
  version: string
  port: number
  host?: string
  /** Certificate and key in PEM, when the server itself speaks TLS. */
  tls?: { cert: string; key: string } | undefined
  /** True when a proxy before the server speaks TLS with the browsers. */
  behindTls?: boolean
  /** Addresses of proxies whose X-Forwarded headers are believed. */
  trustedProxies?: readonly string[]
  /** The folder of the built console. */
  consoleFolder?: string | undefined
  requestsPerMinute?: number
  now?: () => number
}

const BODY_LIMIT = 64 << 10
const STOP_WITHIN_MS = 5000
const CONNECTION_LIMITS = { headersTimeout: 10_000, maxHeaderSize: 16 << 10 }

export class ApiServer implements Part {
  readonly name = 'api'
  readonly #options: ServerOptions
  #app: App | undefined

  constructor(options: ServerOptions) {
    this.#options = options
  }

  /** The port that was taken; known after start. */
  get port(): number {
    return addressOf(this.#app).port
  }

  get url(): string {
    const { address, family, port } = addressOf(this.#app)
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async start(): Promise<void> {
    const { host = '127.0.0.1', port, live, log } = this.#options
    const app = await buildApp(this.#options)
    this.#app = app
    live.start()
    try {
      await app.listen({ host, port })
    } catch (error) {
      await this.stop()
      throw error
    }
    log.info({ url: this.url }, 'The API listens.')
  }

  /** Ends the streams, lets running requests finish for a while, then cuts off what is left. */
  async stop(): Promise<void> {
    const app = this.#app
    await this.#options.live.stop()
    if (app === undefined) return
    const cut = setTimeout(() => app.server.closeAllConnections(), STOP_WITHIN_MS)
    try {
      await app.close()
    } finally {
      clearTimeout(cut)
    }
  }
}

/** The application with all its routes, not yet listening. */
export async function buildApp(options: ServerOptions): Promise<App> {
  const { log, tls, behindTls = false, trustedProxies = [], requestsPerMinute = 1200, version, consoleFolder, now = Date.now } = options
  const guard = new Guard({ accounts: options.accounts, sessions: options.sessions, secure: tls !== undefined || behindTls })
  const answer = answerFault(log)
  const app: App = fastify({
    https: tls === undefined ? null : { ...tls, ...CONNECTION_LIMITS },
    ...(tls === undefined ? { http: CONNECTION_LIMITS } : {}),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: 'idle',
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answer
  }).withTypeProvider<ZodTypeProvider>()
  app.server.maxConnections = 1000
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answer)
  // JSON only: a form of a foreign page can send text/plain without asking first.
  app.removeContentTypeParser('text/plain')

  await app.register(fastifyCookie)
  await app.register(fastifyHelmet, securityHeaders({ tls: tls !== undefined }))
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    reply.header('cache-control', 'no-store')
  })
  const errorResponseBuilder = () => new Refused('TOO_MANY_REQUESTS')
  await app.register(fastifyRateLimit, { global: false, max: requestsPerMinute, timeWindow: 60_000, errorResponseBuilder })
  // As a hook of the whole application it comes before the guards of the routes, so that refused requests count too.
  app.addHook('onRequest', app.rateLimit())
  app.addHook('onRequest', refuseForeign)
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Penstock collector', version, description: 'What the collector knows, and what people do with it.' }
    },
    transform: jsonSchemaTransform
  })
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: false,
    uiConfig: { validatorUrl: null, layout: 'BaseLayout' },
    theme: { title: 'Penstock API' }
  })

  await app.register((rooms: App, _options, done) => {
    addRoutes({ app: rooms, guard }, { ...options, now })
    done()
  })
  await consoleFiles({ app, folder: consoleFolder })
  await app.ready()
  return app
}

function addRoutes(shared: Routes, options: ServerOptions & { now: () => number }): void {
  const { app, guard } = shared
  app.addHook('onRoute', ({ method, url, onRequest }) => {
    if (![onRequest].flat().some((hook) => guard.isHook(hook))) throw new Error(`route ${String(method)} ${url} has no guard`)
  })
  sessionRoutes({ ...shared, ...options })
  accountRoutes({ ...shared, ...options })
  plantRoutes({ ...shared, ...options })
  samplesRoutes({ ...shared, ...options })
  alertRoutes({ ...shared, ...options })
  agentKeyRoutes({ ...shared, ...options })
  auditRoutes({ ...shared, ...options })
  liveRoutes({ ...shared, ...options })
  healthRoutes({ ...shared, ...options })
}

function addressOf(app: App | undefined): AddressInfo {
  const address = app?.server.address()
  if (address === null || address === undefined || typeof address === 'string') throw new Error('the API does not listen')
  return address
}
