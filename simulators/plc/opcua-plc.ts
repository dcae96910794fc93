// The OPC UA face of a PLC: a server with its keys, users and limits. It takes a second and 70 MB to load: import it lazily.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  resolveNodeId,
  SecurityPolicy,
  setDebugLogger,
  setErrorLogger,
  setWarningLogger,
  WellKnownRoles
} from 'node-opcua'
import { readSecret } from '#runtime/config-file.ts'
import type { Log } from '#runtime/log.ts'
import type { OpcuaServerConfig, Role } from './opcua-config.ts'
import { type KeyFolder, keyFolder } from './opcua-keys.ts'
import type { Failure, PlcAlarm, Point } from './opcua-point.ts'
import { OpcuaSpace } from './opcua-space.ts'

const STOP_MS = 200

const ROLE_IDS: Record<Role, number> = {
  observer: WellKnownRoles.Observer,
  operator: WellKnownRoles.Operator,
  administrator: WellKnownRoles.SecurityAdmin
}

export interface OpcuaPlcOptions {
  /** Names the server: its application URI is urn:penstock:plc:<name>. */
  name: string
  points: readonly Point[]
  alarms: readonly PlcAlarm[]
  config: OpcuaServerConfig
  log: Log
}

export class OpcuaPlc {
  readonly #options: OpcuaPlcOptions
  #stopping = new AbortController()
  #refreshing: Promise<void> | undefined
  #server: OPCUAServer | undefined
  #keys: KeyFolder | undefined
  #space: OpcuaSpace | undefined
  #sessions = 0
  #away = false

  constructor(options: OpcuaPlcOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#server?.endpoints[0]?.port ?? 0
  }

  get counts(): { sessions: number; writes: number; refusedWrites: number } {
    return { sessions: this.#sessions, writes: 0, refusedWrites: 0, ...this.#space?.counts }
  }

  /** What it shows. */
  get points(): readonly Point[] {
    return this.#options.points
  }

  /** The certificate that clients have to trust, as DER. */
  get certificate(): Buffer {
    if (this.#server === undefined) throw new Error('the OPC UA server does not run')
    return Buffer.from(this.#server.getCertificate())
  }

  async start(): Promise<void> {
    tellTo(this.#options.log)
    this.#keys = await keyFolder(this.#options.config.pki)
    try {
      const server = await buildServer(this.#options, this.#keys.path)
      this.#server = server
      await this.#open(server)
    } catch (cause) {
      // Half a server would hold the process and the keys.
      await this.stop()
      throw cause
    }
  }

  async #open(server: OPCUAServer): Promise<void> {
    const { config, log, points, alarms } = this.#options
    await server.initialize()
    const address = server.engine.addressSpace
    if (address === null) throw new Error('the OPC UA server has no address space')
    const space = new OpcuaSpace({ address, points, alarms, config })
    this.#space = space
    server.on('create_session', () => this.#sessions++)
    space.refresh()
    await server.start()
    this.#stopping = new AbortController()
    this.#refreshing = keepFresh({ space, everyMs: config.refreshMs, signal: this.#stopping.signal, log })
    const { policies, modes } = config.security
    log.info({ host: config.host, port: this.port, policies, modes, points: points.length }, 'The PLC answers OPC UA.')
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#refreshing
    const server = this.#server
    this.#server = undefined
    await server?.shutdown(STOP_MS)
    await this.#keys?.[Symbol.asyncDispose]()
    this.#keys = undefined
  }

  /** Whoever is connected is cut off, and nobody gets through until it is over; sessions are kept for as long as they were to be. */
  async cutOff(away: boolean): Promise<void> {
    const server = this.#server
    if (server === undefined || this.#away === away) return
    this.#away = away
    if (!away) return server.resumeEndPoints()
    const closed = server.suspendEndPoints()
    for (const endpoint of server.endpoints) endpoint.abruptlyInterruptChannels()
    await closed
  }

  /** The instrument behind a point fails: its variable shows this status until it is repaired. */
  fail(tag: string, failure: Failure): void {
    this.#space?.fail(tag, failure)
  }

  repair(tag: string): void {
    this.#space?.repair(tag)
  }
}

async function keepFresh({ space, everyMs, signal, log }: { space: OpcuaSpace; everyMs: number; signal: AbortSignal; log: Log }) {
  let isTold = false
  while (!signal.aborted) {
    try {
      space.refresh()
    } catch (err) {
      // What a client does to its face must not stop a plant.
      if (!isTold) log.error({ err }, 'The OPC UA face cannot show everything; this is told once.')
      isTold = true
    }
    // Only an abort ends a sleep early.
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}

async function buildServer({ name, config }: OpcuaPlcOptions, pki: string): Promise<OPCUAServer> {
  const { host, port, security, users, anonymous, limits } = config
  const store = async (folder: string, acceptUnknown: boolean) => {
    // One simulator per folder: a lock that is there was left by one that was killed, and would hold up every start.
    await rm(join(folder, 'mutex.lock'), { recursive: true, force: true })
    const store = new OPCUACertificateManager({
      ...{ rootFolder: folder, automaticallyAcceptUnknownCertificate: acceptUnknown, disableFileWatchers: true }
    })
    await store.initialize()
    return store
  }
  const passwords = new Map(await Promise.all(users.map(async (user) => [user.name, await readSecret(user.password)] as const)))
  return new OPCUAServer({
    ...{ port, host, hostname: host, resourcePath: '' },
    serverInfo: {
      ...{ applicationUri: `urn:penstock:plc:${name}`, productUri: 'urn:penstock:simulator' },
      applicationName: { text: `${name} PLC`, locale: 'en' }
    },
    buildInfo: {
      ...{ productName: 'Simulated PLC', productUri: 'urn:penstock:simulator', manufacturerName: 'Penstock' },
      ...{ softwareVersion: '1.0.0', buildNumber: '1', buildDate: new Date(Date.UTC(2026, 0, 5)) }
    },
    securityPolicies: security.policies.map((policy) => SecurityPolicy[policy]),
    securityModes: security.modes.map((mode) => MessageSecurityMode[mode]),
    allowAnonymous: anonymous !== 'refused',
    disableDiscovery: false,
    serverCertificateManager: await store(pki, security.acceptUnknownClients),
    userCertificateManager: await store(join(pki, 'users'), false),
    userManager: {
      isValidUser: (user: string, password: string) => passwords.get(user) === password,
      getUserRoles: (user: string) => [resolveNodeId(ROLE_IDS[users.find(({ name }) => name === user)?.role ?? 'observer'])]
    },
    isAuditing: true,
    maxConnectionsPerEndpoint: limits.connections,
    serverCapabilities: {
      ...{ maxSessions: limits.sessions, maxSubscriptions: limits.subscriptions, minSupportedSampleRate: limits.sampleMs },
      maxMonitoredItemsPerSubscription: limits.items,
      operationLimits: {
        ...{ maxNodesPerRead: limits.nodesPerRead, maxNodesPerWrite: limits.nodesPerRead },
        ...{ maxNodesPerBrowse: limits.nodesPerBrowse, maxNodesPerTranslateBrowsePathsToNodeIds: limits.nodesPerBrowse },
        ...{ maxMonitoredItemsPerCall: limits.itemsPerCall, maxNodesPerHistoryReadData: limits.nodesPerBrowse }
      }
    }
  })
}

// The library prints of its own accord; a simulator's output belongs to its log.
function tellTo(log: Log): void {
  const print = (...parts: unknown[]) =>
    log.debug({ said: parts.map(String).join(' ').slice(0, 500) }, 'The OPC UA library says something.')
  setDebugLogger(print)
  setWarningLogger(print)
  setErrorLogger(print)
}
