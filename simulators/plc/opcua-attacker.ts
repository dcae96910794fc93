// A foreign OPC UA client with keys of its own, made up for the occasion. It takes a second to load: import it lazily.
import {
  AttributeIds,
  BrowseDirection,
  type ClientSession,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  type OPCUAClientOptions,
  SecurityPolicy,
  setDebugLogger,
  setErrorLogger,
  setWarningLogger,
  UserTokenType
} from 'node-opcua'
import { POLICIES } from './opcua-config.ts'
import { type KeyFolder, keyFolder } from './opcua-keys.ts'

export interface Identity {
  name: string
  password: string
}

export interface Channel {
  /** As well protected as the server offers it, which after a downgrade is not at all. */
  secure: boolean
}

type Protection = Pick<OPCUAClientOptions, 'securityPolicy' | 'securityMode' | 'serverCertificate'>

const OPEN: Protection = { securityPolicy: SecurityPolicy.None, securityMode: MessageSecurityMode.None }
const KNOWN: readonly string[] = POLICIES.filter((policy) => policy !== 'None').map((policy) => SecurityPolicy[policy])

const TIMEOUT_MS = 5000
// OPC 10000-6, A.3: the reference from a variable to its alarms, and the methods of an alarm.
const HAS_CONDITION = 'i=9006'
const DISABLE = 'i=9028'
const ENABLE = 'i=9027'

export class OpcuaAttacker implements AsyncDisposable {
  readonly #endpoint: string
  readonly #folder: KeyFolder
  readonly #keys: OPCUACertificateManager

  static async create(endpoint: string): Promise<OpcuaAttacker> {
    for (const set of [setDebugLogger, setWarningLogger, setErrorLogger]) set(() => {})
    const folder = await keyFolder()
    const keys = new OPCUACertificateManager({
      rootFolder: folder.path,
      automaticallyAcceptUnknownCertificate: true,
      disableFileWatchers: true
    })
    await keys.initialize()
    return new OpcuaAttacker({ endpoint, folder, keys })
  }

  private constructor(options: { endpoint: string; folder: KeyFolder; keys: OPCUACertificateManager }) {
    this.#endpoint = options.endpoint
    this.#folder = options.folder
    this.#keys = options.keys
  }

  /** How many endpoints and servers are told of to somebody who has not signed in. */
  async discover(): Promise<{ endpoints: number; servers: number }> {
    return this.#connected(OPEN, async (client) => {
      const endpoints = await client.getEndpoints()
      const servers = await client.findServers()
      return { endpoints: endpoints.length, servers: servers.length }
    })
  }

  /** Signs in and out again; tells whether it was let in. */
  async trySignIn(channel: Channel, identity: Identity | null): Promise<boolean> {
    try {
      return await this.#signedIn(channel, identity, async () => true)
    } catch {
      // What the server says when it refuses is the same to somebody who guesses.
      return false
    }
  }

  async read(channel: Channel, identity: Identity | null, tag: string): Promise<unknown> {
    return this.#signedIn(channel, identity, async (session) => (await session.read(valueOfTag(tag))).value.value as unknown)
  }

  /** Writes with the type that stands there; gives the name of the status. */
  async write(channel: Channel, identity: Identity | null, tag: string, value: number): Promise<string> {
    return this.#signedIn(channel, identity, async (session) => {
      const { dataType, value: before } = (await session.read(valueOfTag(tag))).value
      const after = typeof before === 'boolean' ? value !== 0 : value
      return (await session.write({ ...valueOfTag(tag), value: { value: { dataType, value: after } } })).name
    })
  }

  /** Which of the tags have alarms. */
  async alarmed(channel: Channel, identity: Identity | null, tags: readonly string[]): Promise<string[]> {
    return this.#signedIn(channel, identity, async (session) => {
      const seen = await session.browse(tags.map(alarmsOfTag))
      return tags.filter((_, i) => (seen[i]?.references?.length ?? 0) > 0)
    })
  }

  /** Switches the alarms of a tag off or on; gives the names of the statuses, one for each alarm. */
  async setAlarms(channel: Channel, identity: Identity | null, tag: string, on: boolean): Promise<string[]> {
    return this.#signedIn(channel, identity, async (session) => {
      const { references } = await session.browse(alarmsOfTag(tag))
      const calls = (references ?? []).map(({ nodeId }) => ({ objectId: nodeId, methodId: on ? ENABLE : DISABLE, inputArguments: [] }))
      if (calls.length === 0) return []
      return (await session.call(calls)).map(({ statusCode }) => statusCode.name)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keys.dispose()
    await this.#folder[Symbol.asyncDispose]()
  }

  async #signedIn<T>(channel: Channel, identity: Identity | null, act: (session: ClientSession) => Promise<T>): Promise<T> {
    return this.#connected(channel.secure ? await this.#strongest() : OPEN, async (client) => {
      const session = await client.createSession(
        identity === null ? undefined : { type: UserTokenType.UserName, userName: identity.name, password: identity.password }
      )
      try {
        return await act(session)
      } finally {
        await session.close(true).catch(() => {})
      }
    })
  }

  async #strongest(): Promise<Protection> {
    const offered = await this.#connected(OPEN, (client) => client.getEndpoints())
    const best = offered
      .filter(({ securityPolicyUri }) => KNOWN.includes(securityPolicyUri ?? ''))
      .reduce<(typeof offered)[number] | null>((best, one) => (best !== null && best.securityLevel >= one.securityLevel ? best : one), null)
    if (best === null) return OPEN
    const { securityPolicyUri, securityMode, serverCertificate } = best
    return { securityPolicy: securityPolicyUri ?? SecurityPolicy.None, securityMode, serverCertificate }
  }

  async #connected<T>(protection: Protection, act: (client: OPCUAClient) => Promise<T>): Promise<T> {
    const client = OPCUAClient.create({
      ...protection,
      applicationName: 'Workstation',
      endpointMustExist: false,
      clientCertificateManager: this.#keys,
      connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 200 },
      transportTimeout: TIMEOUT_MS,
      requestedSessionTimeout: 60_000
    })
    try {
      await client.connect(this.#endpoint)
      return await act(client)
    } finally {
      await client.disconnect().catch(() => {})
    }
  }
}

const alarmsOfTag = (tag: string) => ({
  ...{ nodeId: `ns=1;s=${tag}`, referenceTypeId: HAS_CONDITION, browseDirection: BrowseDirection.Forward, includeSubtypes: true }
})
const valueOfTag = (tag: string) => ({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value })
