// The config of a collector: where it keeps its data, which broker and store it uses, whom it serves. All defaults stand here.
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import { LANGUAGES } from '#contract/text.ts'
import { BrokerConfig } from '#runtime/broker-config.ts'
import { bilingual, FilePath, Secret } from '#runtime/config-file.ts'
import { LOG_LEVELS } from '#runtime/log.ts'
import { Limits } from './limits.ts'
import { AgentTrust } from './listed-keys.ts'
import { EmbeddedConfig } from './store/embedded.ts'
import { InfluxConfig } from './store/influx.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/
const Host = z.string().min(1).max(253)
const Port = z.int().min(0).max(65_535)

const ServerTls = z.strictObject({
  cert: FilePath.describe('The certificate that is shown, as PEM.'),
  key: FilePath.describe('Its private key, as PEM.')
})

const ExternalBroker = BrokerConfig.safeExtend({
  mode: z.literal('external').describe('A broker of its own, for example Mosquitto.'),
  clientId: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,60}$/)
    .default('penstock-collector')
    .describe('The name of the session at the broker, which keeps messages while the collector is away; different for each collector.'),
  partitions: z
    .array(z.string().regex(/^([0-5]\d|6[0-3])$/, bilingual('应为 00 至 63', 'must be 00 to 63')))
    .min(1)
    .optional()
    .describe('The share of sites that this collector takes; all when left out.')
})

const EmbeddedBrokerConfig = z
  .strictObject({
    mode: z.literal('embedded').describe('The broker runs inside the collector; agents connect to it.'),
    host: Host.default('127.0.0.1').describe('The address to listen at.'),
    port: Port.default(1883).describe('The port to listen at; 0 takes a free one.'),
    maxConnections: z.int().min(1).max(20_000).default(1000).describe('Connections at a time; further ones are refused and counted.'),
    tls: ServerTls.extend({
      ca: FilePath.optional().describe('With it, each agent must show a certificate signed by it, with <site>/<agent> as common name.'),
      crl: FilePath.optional().describe('Revoked certificates, as penstock pki writes them; read again when the file changes.')
    })
      .refine((tls) => tls.crl === undefined || tls.ca !== undefined, bilingual('crl 须与 ca 同时给出', 'crl needs ca'))
      .optional()
      .describe('TLS for the agents.'),
    list: FilePath.optional().describe('The agents.json of penstock pki: only certificates of agents on it are let in.'),
    agents: z
      .array(z.strictObject({ site: Id, agent: Id, password: Secret }))
      .max(10_000)
      .default([])
      .describe('Agents that sign in as <site>/<agent> with a password.'),
    allowAnonymous: z.boolean().default(false).describe('True lets every program on this machine speak for any agent; for trying out only.')
  })
  .check((ctx) => {
    const { host, tls, list, allowAnonymous } = ctx.value
    const refuse = (path: string, zh: string, en: string) =>
      ctx.issues.push({ code: 'custom', path: [path], message: bilingual(zh, en)(), input: ctx.value })
    if (list !== undefined && tls?.ca === undefined) refuse('list', '须与 tls.ca 一起使用', 'goes with tls.ca only')
    if (LOOPBACK.test(host)) return
    if (tls === undefined) refuse('tls', '监听其他地址须使用 TLS', 'listening beyond this machine needs TLS')
    if (allowAnonymous) refuse('allowAnonymous', '仅可用于本机地址', 'goes with an address of this machine only')
  })

export const CollectorConfig = z
  .strictObject({
    data: FilePath.describe('The folder for alerts, accounts, audit, inventory and, when embedded, samples.'),
    language: z.enum(LANGUAGES).optional().describe('The language of what is printed; that of the system when left out.'),
    logLevel: z.enum(LOG_LEVELS).default('info').describe('From which level on events are logged.'),
    broker: z.discriminatedUnion('mode', [ExternalBroker, EmbeddedBrokerConfig]).describe('Where the messages of the agents come from.'),
    store: z
      .discriminatedUnion('kind', [
        EmbeddedConfig.omit({ directory: true }).extend({ kind: z.literal('embedded').describe('In the data folder.') }),
        InfluxConfig.extend({ kind: z.literal('influx').describe('An InfluxDB with the API of version 1.') })
      ])
      .prefault({ kind: 'embedded' })
      .describe('Where samples are stored.'),
    retentionDays: z.int().min(1).max(36_500).default(400).describe('Samples, gaps and closed alerts are forgotten after so many days.'),
    packs: z
      .array(FilePath)
      .max(20)
      .default([])
      .describe('Folders with rule packs of your own; a pack takes the place of a shipped one with the same id.'),
    api: z
      .strictObject({
        host: Host.default('127.0.0.1').describe('The address of the page and the API.'),
        port: Port.default(8080).describe('The port of the page and the API; 0 takes a free one.'),
        tls: ServerTls.optional().describe('TLS for page and API; without it a proxy in front should speak it.'),
        behindTls: z.boolean().default(false).describe('True when a proxy in front speaks TLS with the browsers.'),
        trustedProxies: z
          .array(z.string().max(100))
          .max(50)
          .default([])
          .describe('Addresses of proxies whose X-Forwarded headers are believed.'),
        sessions: z
          .strictObject({
            idleMinutes: z.int().min(1).max(1440).default(30).describe('A sign-in ends when nothing was asked for so long.'),
            hours: z.int().min(1).max(168).default(12).describe('A sign-in ends after so long in any case.')
          })
          .prefault({})
          .describe('How long people stay signed in.')
      })
      .prefault({})
      .describe('The page and the API.'),
    agents: AgentTrust,
    limits: Limits
  })
  .describe('A collector.')
export type CollectorConfig = z.infer<typeof CollectorConfig>
