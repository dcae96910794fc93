// A plain OPC UA client for tests: node-opcua as it comes, which trusts every server and tries to connect once.
import { join } from 'node:path'
import {
  type ClientSession,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  setDebugLogger,
  setErrorLogger,
  setWarningLogger,
  type UserIdentityInfo
} from 'node-opcua'
import { temporaryFolder } from './wait.ts'

export interface PlainClient extends AsyncDisposable {
  session: ClientSession
  client: OPCUAClient
}

export interface PlainClientOptions {
  port: number
  policy?: keyof typeof SecurityPolicy
  mode?: keyof typeof MessageSecurityMode
  user?: UserIdentityInfo
  /** The folder of its keys, to be the same client again. */
  pki?: string
  /** The languages that the session asks for. */
  locales?: string[]
}

/** The library prints of its own accord. */
export function hushOpcua(): void {
  for (const set of [setDebugLogger, setWarningLogger, setErrorLogger]) set(() => {})
}

export async function opcuaClient(options: PlainClientOptions): Promise<PlainClient> {
  hushOpcua()
  const rootFolder = options.pki ?? join(await temporaryFolder(), 'pki')
  const keys = new OPCUACertificateManager({ rootFolder, automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true })
  await keys.initialize()
  const client = OPCUAClient.create({
    securityPolicy: SecurityPolicy[options.policy ?? 'None'],
    securityMode: MessageSecurityMode[options.mode ?? 'None'],
    endpointMustExist: false,
    clientCertificateManager: keys,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 200 },
    requestedSessionTimeout: 60_000,
    localeIds: options.locales ?? []
  })
  try {
    await client.connect(`opc.tcp://127.0.0.1:${options.port}`)
    const session = await client.createSession(options.user)
    return {
      client,
      session,
      async [Symbol.asyncDispose]() {
        await session.close(true).catch(() => {})
        await client.disconnect()
        await keys.dispose()
      }
    }
  } catch (cause) {
    await client.disconnect()
    await keys.dispose()
    throw cause
  }
}
