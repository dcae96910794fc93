// Who may do what at the embedded broker: an agent speaks under its own name only, and hears its own watermark only.
import { timingSafeEqual } from 'node:crypto'
import { ContractFault } from '#contract/fault.ts'
import { parseTopic, type Topic } from '#contract/topics.ts'
import type { EmbeddedBrokerOptions, Peer } from '#runtime/embedded-broker.ts'

export interface AgentLogin {
  site: string
  agent: string
  password: string
}

type Access = Required<Pick<EmbeddedBrokerOptions, 'authenticate' | 'mayPublish' | 'maySubscribe'>>

export interface AccessOptions {
  logins: readonly AgentLogin[]
  allowAnonymous: boolean
  /** The names whose certificates are let in, read anew at each sign-in; every checked certificate when left out. */
  listed?: (() => Promise<ReadonlySet<string>>) | undefined
}

export function brokerAccess({ logins, allowAnonymous, listed }: AccessOptions): Access {
  const passwords = new Map(logins.map(({ site, agent, password }) => [`${site}/${agent}`, password]))
  const isOwn = (peer: Peer, { site, agent }: Topic) => {
    const name = nameOf(peer)
    return name === null ? allowAnonymous : name === `${site}/${agent}`
  }
  return {
    authenticate({ password, ...peer }) {
      // A certificate was checked already; its name is the name of the agent.
      const { certificateName } = peer
      if (certificateName !== null) return listed === undefined || listed().then((names) => names.has(certificateName))
      if (peer.username === null) return allowAnonymous
      const expected = passwords.get(peer.username)
      return expected !== undefined && password !== null && isSame(password, expected)
    },
    mayPublish(peer, topic) {
      const place = placeOf(topic)
      return place !== null && place.kind !== 'ack' && isOwn(peer, place)
    },
    maySubscribe(peer, filter) {
      // A filter with wildcards is no topic of ours, so nobody listens to others.
      const place = placeOf(filter)
      return place !== null && place.kind === 'ack' && isOwn(peer, place)
    }
  }
}

function nameOf({ certificateName, username }: Peer): string | null {
  return certificateName ?? username
}

function placeOf(topic: string): Topic | null {
  try {
    return parseTopic(topic)
  } catch (fault) {
    if (fault instanceof ContractFault) return null
    throw fault
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
