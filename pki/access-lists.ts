// Who may do what at the brokers, worked out from the book: the ACL file of Mosquitto, and the list of agents for the embedded broker.
import { KINDS, partitionOf, type Kind as TopicKind, topicOf } from '#contract/topics.ts'
import type { Entry } from './ledger.ts'

const SPOKEN: readonly TopicKind[] = KINDS.filter((kind) => kind !== 'ack')

/** Each user by name and each topic in full: what is not written here is refused. */
export function mosquittoAcl(standing: readonly Entry[]): string {
  const names = (kind: Entry['kind']) => [...new Set(standing.filter((entry) => entry.kind === kind).map(({ name }) => name))].sort()
  const heard = SPOKEN.map((kind) => `topic read penstock/v1/+/+/+/${kind}`)
  const blocks = [
    '# Written by penstock pki; a change made here is lost with the next certificate that is issued or revoked.',
    '# The user name is the common name of the client certificate. What is not written here is refused.',
    ...names('collector').map((name) => [`user ${name}`, ...heard, 'topic write penstock/v1/+/+/+/ack'].join('\n')),
    ...names('viewer').map((name) => [`user ${name}`, ...heard].join('\n')),
    ...names('agent').map((name) => agentBlock(name))
  ]
  return `${blocks.join('\n\n').replace('\n\n#', '\n#')}\n`
}

function agentBlock(name: string): string {
  const [site = '', agent = ''] = name.split('/')
  const topics = SPOKEN.map((kind) => `topic write ${topicOf({ site, agent, kind })}`)
  return [`user ${name}`, ...topics, `topic read ${topicOf({ site, agent, kind: 'ack' })}`].join('\n')
}

/** For `broker.list` of a collector with the embedded broker. */
export function agentList(standing: readonly Entry[]): string {
  const names = new Set(standing.filter(({ kind }) => kind === 'agent').map(({ name }) => name))
  const agents = [...names].sort().map((name) => {
    const [site = '', agent = ''] = name.split('/')
    return { site, agent, partition: partitionOf(site) }
  })
  return `${JSON.stringify({ version: 1, agents }, null, 2)}\n`
}
