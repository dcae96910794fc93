// What of a new config can take effect in an agent that runs, and what needs a restart. Pure.
import { isDeepStrictEqual } from 'node:util'
import type { AgentConfig } from './config.ts'

// The agent has promised these to its broker, its collector and its outbox, or has opened them once for all.
const FIXED: readonly (readonly [name: string, of: (config: AgentConfig) => unknown])[] = [
  ['agent', ({ agent }) => agent],
  ['site.id', ({ site }) => site.id],
  ['broker', ({ broker }) => broker],
  ['acknowledge', ({ acknowledge }) => acknowledge],
  ['outbox.file', ({ outbox }) => outbox.file],
  ['key', ({ key }) => key],
  ['publish.window', ({ publish }) => publish.window],
  ['metrics', ({ metrics }) => metrics],
  ['opcua.folder', ({ opcua }) => opcua.folder]
]

export interface Settled {
  /** The config that the agent runs with from now on. */
  config: AgentConfig
  /** What the file says otherwise, and only a restart can change. */
  needRestart: readonly string[]
}

export function settle(running: AgentConfig, wanted: AgentConfig): Settled {
  const { agent, broker, acknowledge, key, metrics } = running
  const config = {
    ...wanted,
    ...{ agent, broker, acknowledge, key, metrics },
    site: { ...wanted.site, id: running.site.id },
    outbox: { ...wanted.outbox, file: running.outbox.file },
    publish: { ...wanted.publish, window: running.publish.window },
    opcua: { ...wanted.opcua, folder: running.opcua.folder }
  }
  const needRestart = FIXED.filter(([, of]) => !isDeepStrictEqual(of(running), of(wanted))).map(([name]) => name)
  return { config, needRestart }
}
