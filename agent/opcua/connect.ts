// How a server is connected: ask what it offers, take only the endpoint that the config wants, judge the certificate, sign in.
// Nothing weaker is ever taken instead.

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readSecret } from '#runtime/config-file.ts'
import { type Mode, type OpcUaDevice, POLICIES, type Policy } from './config.ts'
import { BAD, OpcUaFault } from './fault.ts'
import type { Tally } from './guard.ts'
import type { Credentials, Identity } from './link-options.ts'
import { type Offered, policyName } from './seen.ts'
import { discover, type Endpoint, type OpcUaSession, openSession } from './session.ts'
import { checkServerCertificate } from './trust.ts'

export interface ConnectOptions {
  config: OpcUaDevice
  folder: string
  identity: Identity
  tally: Tally
  /** Ends the connection at once. */
  signal: AbortSignal
  /** Told what the server offers, before it is judged. */
  offered: (endpoints: readonly Endpoint[]) => Promise<void>
}

const MODE_NUMBERS: Readonly<Record<Mode, number>> = { None: 1, Sign: 2, SignAndEncrypt: 3 }
// Among several tokens the library takes the one with the strongest policy, and none with a broken one.
const STRONG = POLICIES.filter((policy) => policy !== 'None').map(String)
const SESSION_MS = 30_000
const TOKEN_TYPES = { anonymous: 0, name: 1, certificate: 2 }

/** Rejects with an OpcUaFault. */
export async function connectServer({ config, folder, identity, tally, signal, offered }: ConnectOptions): Promise<OpcUaSession> {
  const { endpoint, security, user: named, events, subscription } = config
  const sessionMs = Math.max(SESSION_MS, 3 * subscription.keepAliveMs)
  const { policy, mode } = security
  const link = { endpoint, identity, tally, signal, conditionRefresh: false }
  const endpoints = await discover(link)
  await offered(endpoints)
  const chosen = chooseEndpoint(endpoints, { policy, mode })
  const user = await credentialsOf(named)
  demandToken(chosen, kindOf(named), mode)
  // A password is encrypted for the certificate of the server even where the connection is not; so that one counts then too.
  const secret = typeof named === 'object' && 'name' in named
  const serverCertificate =
    policy === 'None' && !secret
      ? undefined
      : await checkServerCertificate({ folder, shown: chosen.serverCertificate, pinned: security.thumbprint })
  return await openSession({ ...link, conditionRefresh: events.refresh, policy, mode, serverCertificate, user, sessionMs })
}

export function chooseEndpoint<E extends Offered>(endpoints: readonly E[], { policy, mode }: { policy: Policy; mode: Mode }): E {
  const found = endpoints.find((one) => policyName(one.securityPolicyUri) === policy && one.securityMode === MODE_NUMBERS[mode])
  if (found !== undefined) return found
  const offers = [...new Set(endpoints.map((one) => policyName(one.securityPolicyUri)))].slice(0, 10).join(', ')
  throw new OpcUaFault(
    'OPCUA_ENDPOINT',
    BAD.policyRejected,
    `the server does not offer ${policy} with ${mode}, only ${offers || 'nothing'}`
  )
}

// OPC 10000-4, 7.41: a token without its own policy is protected by that of the endpoint.
function demandToken(endpoint: Offered, kind: keyof typeof TOKEN_TYPES, mode: Mode): void {
  const tokens = (endpoint.userIdentityTokens ?? []).filter(({ tokenType }) => tokenType === TOKEN_TYPES[kind])
  if (tokens.length === 0)
    throw new OpcUaFault('OPCUA_ENDPOINT', BAD.identityRejected, `the server lets nobody sign in by ${kind} at this endpoint`)
  if (kind !== 'name' || mode === 'SignAndEncrypt') return
  const isProtected = tokens.some((token) => STRONG.includes(policyName(token.securityPolicyUri || endpoint.securityPolicyUri)))
  if (!isProtected) throw new OpcUaFault('OPCUA_ENDPOINT', BAD.identityRejected, 'the password would go over the connection in the clear')
}

function kindOf(user: OpcUaDevice['user']): keyof typeof TOKEN_TYPES {
  if (user === 'anonymous') return 'anonymous'
  return 'name' in user ? 'name' : 'certificate'
}

// Read for each connection, so that they can be renewed without a restart.
async function credentialsOf(user: OpcUaDevice['user']): Promise<Credentials> {
  if (user === 'anonymous') return undefined
  try {
    if ('name' in user) return { name: user.name, password: await readSecret(user.password) }
    const [certificate, key] = await Promise.all([readFile(user.certificate), readFile(user.key, 'utf8')])
    return { certificate: new X509Certificate(certificate).raw, key }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new OpcUaFault('OPCUA_ENDPOINT', BAD.identityRejected, `the user cannot be read: ${why}`, { cause })
  }
}
