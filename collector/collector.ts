// A collector as a whole: opens its files, starts store, API, spine and broker in order and stops them in reverse.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { NewAccount } from '#contract/api.ts'
import type { Language } from '#contract/text.ts'
import { collectorFilters } from '#contract/topics.ts'
import type { Pack } from '#rules/pack.ts'
import type { Part, Running } from '#runtime/lifecycle.ts'
import { runParts } from '#runtime/lifecycle.ts'
import type { Log } from '#runtime/log.ts'
import { createMetrics } from '#runtime/metrics.ts'
import { Accounts } from './api/accounts.ts'
import { Live } from './api/live.ts'
import { ApiServer } from './api/server.ts'
import { Sessions } from './api/sessions.ts'
import { Audit } from './audit.ts'
import { BrokerDoor } from './broker-door.ts'
import type { CollectorConfig } from './config.ts'
import { readListedKeys } from './listed-keys.ts'
import { readPacks, SHIPPED_PACKS } from './packs.ts'
import { forgetBefore } from './retention.ts'
import { Rounds } from './rounds.ts'
import { Spine } from './spine.ts'
import { openCollectorDatabase } from './store/database.ts'
import { openStore } from './store/open-store.ts'

export interface CollectorOptions {
  config: CollectorConfig
  log: Log
  language: Language
  /** Of the config file, for the audit trail. */
  hash?: string
  /** Accounts that exist after the start, with these passwords; then no one-time account is made. For the demo and for tests. */
  accounts?: readonly z.infer<typeof NewAccount>[]
  /** Rule packs that were read already; read from the files of the config when left out. */
  packs?: readonly Pack[]
}

const CONSOLE = fileURLToPath(new URL('../console/dist', import.meta.url))
const PACKAGE = new URL('../package.json', import.meta.url)
const RETENTION_EVERY_MS = 600_000
const HEAD_EVERY_MS = 3_600_000

export class Collector implements Part {
  readonly name = 'collector'
  readonly #options: CollectorOptions
  #running: Running | undefined
  #api: ApiServer | undefined
  #broker: BrokerDoor | undefined
  #first: { name: string; password: string } | null = null

  constructor(options: CollectorOptions) {
    this.#options = options
  }

  /** Where the page and the API are; known after start. */
  get url(): string {
    return this.#api?.url ?? ''
  }

  /** Of the embedded broker, else undefined. */
  get brokerPort(): number | undefined {
    return this.#broker?.port
  }

  /** The one-time sign-in of the first administrator, as long as nobody has used it. */
  get firstAccount(): { name: string; password: string } | null {
    return this.#first
  }

  async start(): Promise<void> {
    const { config, log, language } = this.#options
    const packs = this.#options.packs ?? (await readPacks({ folders: [SHIPPED_PACKS, ...config.packs], language }))
    const store = await openStore({ config, log })
    const broker = await BrokerDoor.open({ config: config.broker, log })
    const tls = await readTls(config.api.tls)
    const listedKeys = await readListedKeys(config.agents)
    const { version } = Version.parse(JSON.parse(await readFile(PACKAGE, 'utf8')))
    const database = openCollectorDatabase({ file: join(config.data, 'collector.db') })
    const metrics = createMetrics()
    metrics.watchProcess()
    const live = new Live()
    const audit = new Audit({ database })
    const { idleMinutes, hours } = config.api.sessions
    const sessionTimes = { idleMs: idleMinutes * 60_000, absoluteMs: hours * 3_600_000 }
    const sessions = new Sessions({ database, ...sessionTimes, onRevoked: () => live.recheck() })
    const accounts = new Accounts({ database, audit, sessions })
    const spine = new Spine({
      database,
      store,
      packs,
      listedKeys,
      audit,
      live,
      publish: broker.publish,
      limits: config.limits,
      metrics,
      log
    })
    broker.listen({
      filters: collectorFilters,
      receive: (topic, payload) => spine.subscriber.receive(topic, payload),
      centre: spine.centre
    })
    for (const account of this.#options.accounts ?? []) await accounts.ensure(account)
    this.#first = await accounts.firstStart()
    const api = new ApiServer({
      ...{ log, database, alerts: spine.alerts, agentKeys: spine.agentKeys, audit, accounts, sessions, live, plant: spine.plant, store },
      ...{ host: config.api.host, port: config.api.port, behindTls: config.api.behindTls, trustedProxies: config.api.trustedProxies },
      tls,
      metrics: () => metrics.text(),
      version,
      consoleFolder: CONSOLE
    })
    const retention = async () => {
      const before = forgetBefore({ now: Date.now(), newest: spine.newest, days: config.retentionDays })
      spine.forgetBefore(before)
      await store.retain(before)
    }
    // In a log that is kept elsewhere the head of the trail shows a trail that was cut and chained anew.
    const tellHead = () => log.info(audit.head(), 'The audit trail reaches to here.')
    const trace = (action: string) => {
      audit.append({ action, subject: 'collector', detail: { version, config: this.#options.hash ?? null } })
      tellHead()
    }
    const rounds = new Rounds({
      log,
      rounds: [
        { what: 'retention', everyMs: RETENTION_EVERY_MS, work: retention },
        { what: 'telling the head of the audit trail', everyMs: HEAD_EVERY_MS, work: tellHead }
      ]
    })
    const files: Part = {
      name: 'database',
      start: async () => trace('collector.start'),
      stop: async () => {
        try {
          trace('collector.stop')
        } finally {
          database.close()
        }
      }
    }
    const samples: Part = { name: 'store', start: () => store.start(), stop: () => store.stop() }
    const memory: Part = { name: 'memory', start: async () => spine.restore(), stop: async () => {} }
    this.#api = api
    this.#broker = broker
    // The broker stops after the spine, so that the last watermarks and acknowledgements still go out.
    const parts = [files, samples, memory, api, broker, spine, rounds]
    this.#running = await runParts({ parts, log, signals: false })
  }

  async stop(): Promise<void> {
    await this.#running?.stop('the collector stops')
  }
}

const Version = z.object({ version: z.string() })

async function readTls(files: { cert: string; key: string } | undefined): Promise<{ cert: string; key: string } | undefined> {
  if (files === undefined) return undefined
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  return { cert, key }
}
