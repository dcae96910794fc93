// A foreign OPC UA client with keys of its own, made up for the occasion. It takes a second to load: import it lazily.
import {
  AttributeIds,
  BrowseDirection,
  type ClientSession,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  setDebugLogger,
  setErrorLogger,
  setWarningLogger,
  UserTokenType
} from 'node-opcua'
import { type KeyFolder, keyFolder } from './opcua-keys.ts'

export interface Identity {
  name: string
  password: string
}

export interface Channel {
  secure: boolean
}

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
    return this.#connected({ secure: false }, async (client) => {
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

  /** Switches the alarms of a tag off or on; gives the names of the statuses, one for each alarm. */
  async setAlarms(channel: Channel, identity: Identity | null, tag: string, on: boolean): Promise<string[]> {
    return this.#signedIn(channel, identity, async (session) => {
      const { references } = await session.browse({
        ...{ nodeId: `ns=1;s=${tag}`, referenceTypeId: HAS_CONDITION, browseDirection: BrowseDirection.Forward, includeSubtypes: true }
      })
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
    return this.#connected(channel, async (client) => {
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

  async #connected<T>({ secure }: Channel, act: (client: OPCUAClient) => Promise<T>): Promise<T> {
    const client = OPCUAClient.create({
      applicationName: 'Workstation',
      securityPolicy: secure ? SecurityPolicy.Aes256_Sha256_RsaPss : SecurityPolicy.None,
      securityMode: secure ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.None,
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

const valueOfTag = (tag: string) => ({ nodeId: `ns=1;s=${tag}`, attributeId: AttributeIds.Value })
