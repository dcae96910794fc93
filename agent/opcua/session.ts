// The only door to node-opcua. Every request passes one guard below the session, which lets reading services through and
// nothing else; a connection has the policy and mode that it was asked for, or it does not come about.
import {
  BrowseNextRequest,
  type BrowseNextResponse,
  BrowseRequest,
  type BrowseResponse,
  CallRequest,
  type CallResponse,
  ClientTCP_transport,
  CreateMonitoredItemsRequest,
  type CreateMonitoredItemsResponse,
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DataChangeFilter,
  DataChangeTrigger,
  DeadbandType,
  DeleteSubscriptionsRequest,
  type DeleteSubscriptionsResponse,
  type EndpointDescription,
  EventFilter,
  InMemoryCertificateKeyPairProvider,
  InMemoryCertificateStore,
  MessageSecurityMode,
  NumericRange,
  OPCUAClient,
  PublishRequest,
  type PublishResponse,
  ReadRequest,
  type ReadResponse,
  SecurityPolicy,
  StaticCertificateChainProvider,
  StatusCodes,
  setDebugLogger,
  setErrorLogger,
  setWarningLogger,
  type UserIdentityInfo,
  UserTokenType,
  WriteRequest
} from 'node-opcua'
import type { Log } from '#runtime/log.ts'
import { BAD, faultOf, OpcUaFault } from './fault.ts'
import { contained, type Guard, guard, LIMITS, type Send } from './guard.ts'
import { applicationUri, type Credentials, type Identity, type LinkOptions, type SessionOptions } from './link-options.ts'
import type { Leaving } from './services.ts'
import { orEnd, within } from './waiting.ts'

const REQUESTS = {
  Read: ReadRequest,
  Browse: BrowseRequest,
  BrowseNext: BrowseNextRequest,
  CreateSubscription: CreateSubscriptionRequest,
  DeleteSubscriptions: DeleteSubscriptionsRequest,
  CreateMonitoredItems: CreateMonitoredItemsRequest,
  Publish: PublishRequest,
  Call: CallRequest
} as const

export interface Responses {
  Read: ReadResponse
  Browse: BrowseResponse
  BrowseNext: BrowseNextResponse
  CreateSubscription: CreateSubscriptionResponse
  DeleteSubscriptions: DeleteSubscriptionsResponse
  CreateMonitoredItems: CreateMonitoredItemsResponse
  Publish: PublishResponse
  Call: CallResponse
}
export type Asked = keyof Responses
export type RequestBody<S extends Asked> = NonNullable<ConstructorParameters<(typeof REQUESTS)[S]>[0]>
export type Endpoint = EndpointDescription

const APPLICATION = 'Penstock'
const CLOSE_MS = 2500
// The library throws out of its socket when an answer comes after its own time limit, so it is given one that is never reached.
const NEVER_MS = 24 * 3_600_000

export async function createIdentity(host: string): Promise<Identity> {
  const provider = new InMemoryCertificateKeyPairProvider()
  const subject = `/CN=${APPLICATION}@${host}/O=${APPLICATION}`
  await provider.ensureCertificateExists({ applicationUri: applicationUri(host), subject, dns: [host], validity: 3650 })
  const { hidden } = provider.getPrivateKey()
  if (typeof hidden !== 'string') throw new TypeError('a new private key is expected as text')
  return { certificate: provider.getCertificate(), key: hidden }
}

export function rangeOf(indexRange: string): NumericRange {
  return new NumericRange(indexRange)
}

/** Lets the server itself leave out what moves less than the deadband. */
export function deadbandFilter(deadband: number): DataChangeFilter {
  return new DataChangeFilter({
    trigger: DataChangeTrigger.StatusValue,
    deadbandType: DeadbandType.Absolute,
    deadbandValue: deadband
  })
}

/** The fields of an event that the server shall send: type, and path from the event. */
export function eventFilter(fields: readonly { type: string; path: readonly string[]; attribute: number }[]): EventFilter {
  return new EventFilter({
    selectClauses: fields.map(({ type, path, attribute }) => ({
      typeDefinitionId: type,
      browsePath: path.map((name) => ({ name })),
      attributeId: attribute
    }))
  })
}

/** The library prints to the console by itself; what it says goes to the log. */
export function listenToLibrary(log: Log): void {
  const tell = (...words: unknown[]) => log.debug({ said: words.map(String).join(' ').slice(0, 500) }, 'The OPC UA library said something.')
  for (const hook of [setDebugLogger, setErrorLogger, setWarningLogger]) hook(tell)
}

/** What the server offers, asked over a connection without protection: to be believed only as far as it proves true later. */
export async function discover(options: LinkOptions): Promise<Endpoint[]> {
  await using link = await Link.open({ ...options, policy: 'None', mode: 'None', serverCertificate: undefined, sessionMs: 0 })
  return await link.endpoints()
}

/** Rejects with an OpcUaFault. */
export async function openSession(options: SessionOptions): Promise<OpcUaSession> {
  const link = await Link.open(options)
  try {
    return await link.session(options.user)
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw faultOf(error, 'no session')
  }
}

export class OpcUaSession {
  readonly #link: Link
  readonly #token: unknown
  readonly #closeSession: () => Promise<void>
  /** Aborted when the connection is gone, for whatever reason. */
  readonly ended: AbortSignal

  constructor(link: Link, token: unknown, closeSession: () => Promise<void>) {
    this.#link = link
    this.#token = token
    this.#closeSession = closeSession
    this.ended = link.ended
  }

  /** The endpoints as the server tells them over the protected connection. */
  async endpoints(): Promise<Endpoint[]> {
    return await this.#link.endpoints()
  }

  /** Rejects with an OpcUaFault: no answer in time, the connection gone, or what the server answered. */
  async ask<S extends Asked>(service: S, body: RequestBody<S>, timeoutMs: number): Promise<Responses[S]> {
    return await this.#link.ask(service, body, this.#token, timeoutMs)
  }

  /** Says goodbye to the server; for one that does not answer any more, kill. */
  async close(): Promise<void> {
    await within(CLOSE_MS, this.#closeSession())
    await this.#link[Symbol.asyncDispose]()
  }

  async kill(): Promise<void> {
    this.#link.cut()
    await this.#link[Symbol.asyncDispose]()
  }
}

// The library's client with the guard in place.
class Link implements AsyncDisposable {
  readonly #client: OPCUAClient
  readonly #send: Send
  readonly #transports: ClientTCP_transport[]
  readonly #seen: ReadonlySet<string>
  readonly #ended = new AbortController()

  private constructor(client: OPCUAClient, guard: Guard, transports: ClientTCP_transport[]) {
    this.#client = client
    this.#send = guard.send
    this.#seen = guard.seen
    this.#transports = transports
    client.on('close', () => this.#ended.abort())
    client.on('connection_lost', () => this.#ended.abort())
  }

  static async open(options: Omit<SessionOptions, 'user'>): Promise<Link> {
    const { endpoint, policy, mode, serverCertificate, identity, signal, sessionMs } = options
    const transports: ClientTCP_transport[] = []
    const client = OPCUAClient.create({
      applicationName: APPLICATION,
      clientName: 'penstock',
      securityPolicy: SecurityPolicy[policy],
      securityMode: MessageSecurityMode[mode],
      ...(serverCertificate === undefined ? {} : { serverCertificate }),
      certificateKeyPairProvider: new StaticCertificateChainProvider([identity.certificate], { hidden: identity.key }),
      // Certificates are judged before they are given to the library; it shall accept no other.
      clientCertificateManager: new InMemoryCertificateStore({ autoAcceptUnknown: false }),
      connectionStrategy: { maxRetry: 0 },
      endpointMustExist: false,
      keepSessionAlive: false,
      keepPendingSessionsOnDisconnect: true,
      requestedSessionTimeout: sessionMs,
      defaultTransactionTimeout: NEVER_MS,
      transportTimeout: NEVER_MS,
      transportSettings: LIMITS,
      transportFactory: {
        create(settings) {
          const transport = new ClientTCP_transport(settings)
          transports.push(transport)
          return contained(transport, (error) => transport.prematureTerminate(error, StatusCodes.BadTcpInternalError))
        }
      }
    })
    const link = new Link(client, guard(client, { ...options, probe: new WriteRequest({ nodesToWrite: [] }) }), transports)
    const end = () => link.cut()
    signal.addEventListener('abort', end, { once: true })
    link.ended.addEventListener('abort', () => signal.removeEventListener('abort', end), { once: true })
    try {
      await orEnd(client.connect(endpoint), signal)
      return link
    } catch (error) {
      await link[Symbol.asyncDispose]()
      throw faultOf(error, `no connection to ${endpoint}`)
    }
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  async endpoints(): Promise<Endpoint[]> {
    return await orEnd(this.#client.getEndpoints(), this.ended)
  }

  async session(user: Credentials): Promise<OpcUaSession> {
    const session = await orEnd(this.#client.createSession(userOf(user)), this.ended)
    // Should the library ever send by another way than the guarded one, nothing is read through it.
    for (const service of ['GetEndpoints', 'CreateSession', 'ActivateSession'])
      if (!this.#seen.has(service))
        throw new OpcUaFault('OPCUA_REFUSED', BAD.serviceUnsupported, `the guard did not see ${service}; the library has another way out`)
    return new OpcUaSession(this, session.authenticationToken, async () => {
      await session.close(true)
    })
  }

  async ask<S extends Asked>(service: S, body: RequestBody<S>, token: unknown, timeoutMs: number): Promise<Responses[S]> {
    // The table pairs each name with its class, which the compiler cannot follow through a generic index.
    const Request = REQUESTS[service] as unknown as new (body: unknown) => LibraryRequest
    const request = new Request(body)
    request.requestHeader.authenticationToken = token
    request.requestHeader.timeoutHint = NEVER_MS
    if (this.ended.aborted) throw new OpcUaFault('OPCUA_CLOSED', BAD.connectionClosed, `${service}: the connection is closed`)
    const late = new OpcUaFault('OPCUA_TIMEOUT', BAD.timeout, `${service}: no answer in ${timeoutMs} ms`)
    let timer: NodeJS.Timeout | undefined
    try {
      const answer = new Promise<Responses[S]>((resolve, reject) => {
        timer = setTimeout(() => reject(late), timeoutMs)
        this.#send(request, (error, response) => (response == null ? reject(error) : resolve(response as Responses[S])))
      })
      return await orEnd(answer, this.ended)
    } catch (error) {
      throw faultOf(error, service)
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(CLOSE_MS, this.#client.disconnect())
    this.cut()
  }

  /** Whatever the library still waits for, no socket of this link outlives this. */
  cut(): void {
    for (const transport of this.#transports) transport.dispose()
    this.#ended.abort()
  }
}

interface LibraryRequest extends Leaving {
  requestHeader: { authenticationToken: unknown; timeoutHint: number }
}

function userOf(user: Credentials): UserIdentityInfo {
  if (user === undefined) return { type: UserTokenType.Anonymous }
  if ('name' in user) return { type: UserTokenType.UserName, userName: user.name, password: user.password }
  return { type: UserTokenType.Certificate, certificateData: user.certificate, privateKey: user.key }
}
