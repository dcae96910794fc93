// Walks the address space of a server for a person who writes a config: bounded in depth, nodes, references and time, and within
// the budget of the device. What was left out is told.
import type { Log } from '#runtime/log.ts'
import { Budget } from '../budget.ts'
import { openIdentity } from './build.ts'
import { Caller } from './caller.ts'
import type { OpcUaDevice } from './config.ts'
import { connectServer } from './connect.ts'
import { BAD, OpcUaFault } from './fault.ts'
import { nodeOf, parseNode } from './node-text.ts'
import { perCall, readFacts } from './server-facts.ts'
import { ServerTally } from './tally.ts'
import { cut } from './values.ts'

export interface BrowseLimits {
  /** Where the walk begins; the folder Objects when nothing is said. */
  from?: string
  depth?: number
  nodes?: number
  referencesPerNode?: number
  ms?: number
}

export interface BrowseOptions extends BrowseLimits {
  config: OpcUaDevice
  /** Where certificates are kept. */
  folder: string
  log: Log
  signal: AbortSignal
}

export interface BrowsedNode {
  /** As it is written in a config, with the URI of its namespace. */
  node: string
  name: string
  nodeClass: 'object' | 'variable'
  /** 0 for what lies directly under the start. */
  depth: number
  /** Of a variable: the name of its built-in type, or the node of another type; null when the server does not say. */
  dataType: string | null
  /** -1 for a scalar, 1 and more for the dimensions of an array (OPC 10000-3, 5.6.2). */
  valueRank: number | null
  readable: boolean | null
  writable: boolean | null
}

export interface Browsed {
  /** Each node before those under it. */
  nodes: readonly BrowsedNode[]
  /** Which limits cut the walk short. */
  cutBy: readonly ('depth' | 'nodes' | 'references' | 'time')[]
}

interface Found extends BrowsedNode {
  id: string
  children: Found[]
}

const OBJECTS = 'i=85'
const HIERARCHICAL = 'ns=0;i=33'
const FORWARD = 0
const OBJECTS_AND_VARIABLES = 3
const ALL_FIELDS = 63
const VARIABLE = 2
const DATA_TYPE = 14
const VALUE_RANK = 15
const ACCESS_LEVEL = 17
const MOST_CONTINUATIONS = 1000
const BUILT_IN = [
  'Boolean',
  'SByte',
  'Byte',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Float',
  'Double',
  'String',
  'DateTime'
]

/** Rejects with an OpcUaFault when the server cannot be connected or stops answering. */
export async function browseServer({ config, folder, log, signal, ...limits }: BrowseOptions): Promise<Browsed> {
  const identity = await openIdentity(folder, log)
  const ending = new AbortController()
  const deadline = setTimeout(() => ending.abort(), config.connectTimeoutMs)
  const stop = () => ending.abort()
  signal.addEventListener('abort', stop, { once: true })
  const tally = new ServerTally()
  try {
    const session = await connectServer({ config, folder, identity, tally, signal: ending.signal, offered: async () => {} })
    clearTimeout(deadline)
    const budget = new Budget({ ...config.budget, registersPerSecond: Number.POSITIVE_INFINITY })
    const life = AbortSignal.any([ending.signal, session.ended])
    try {
      return await new Walk(new Caller({ session, budget, tally, timeoutMs: config.timeoutMs, signal: life }), config, limits).run()
    } finally {
      await session.close()
    }
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', stop)
  }
}

class Walk {
  readonly #caller: Caller
  readonly #config: OpcUaDevice
  readonly #limits: Required<BrowseLimits>
  readonly #cutBy = new Set<Browsed['cutBy'][number]>()
  readonly #seen = new Set<string>()
  readonly #until: number
  #namespaces: readonly string[] = []

  constructor(caller: Caller, config: OpcUaDevice, limits: BrowseLimits) {
    this.#caller = caller
    this.#config = config
    this.#limits = { from: OBJECTS, depth: 10, nodes: 5000, referencesPerNode: 1000, ms: 60_000, ...limits }
    this.#until = performance.now() + this.#limits.ms
  }

  async run(): Promise<Browsed> {
    const facts = await readFacts(this.#caller)
    this.#namespaces = facts.namespaces
    const start = parseNode(this.#limits.from)
    const id = start === undefined ? undefined : nodeOf(start, facts.namespaces)
    if (id === undefined) throw new OpcUaFault('OPCUA_SERVICE', BAD.nodeUnknown, `${cut(this.#limits.from, 100)} is no node of this server`)
    this.#seen.add(id)
    const most = perCall(this.#config.maxNodesPerCall, facts.limits.nodesPerBrowse)
    const root: Found = { ...nothing, id, children: [] }
    for (let level = [root], depth = 0; level.length > 0; depth++) {
      if (depth >= this.#limits.depth) {
        this.#cutBy.add('depth')
        break
      }
      for (let at = 0; at < level.length && this.#goesOn; at += most) await this.#browse(level.slice(at, at + most), depth)
      level = level.flatMap(({ children }) => children)
    }
    const nodes: Found[] = []
    flatten(root, nodes)
    await this.#describe(nodes, perCall(this.#config.maxNodesPerCall, facts.limits.nodesPerRead))
    return { nodes: nodes.map(({ id: _, children: __, ...node }) => node), cutBy: [...this.#cutBy] }
  }

  get #goesOn(): boolean {
    if (this.#seen.size > this.#limits.nodes) this.#cutBy.add('nodes')
    if (performance.now() > this.#until) this.#cutBy.add('time')
    return !this.#cutBy.has('nodes') && !this.#cutBy.has('time')
  }

  async #browse(parents: readonly Found[], depth: number): Promise<void> {
    const { referencesPerNode } = this.#limits
    const response = await this.#caller.ask('Browse', {
      requestedMaxReferencesPerNode: referencesPerNode,
      nodesToBrowse: parents.map(({ id }) => ({
        nodeId: id,
        browseDirection: FORWARD,
        referenceTypeId: HIERARCHICAL,
        includeSubtypes: true,
        nodeClassMask: OBJECTS_AND_VARIABLES,
        resultMask: ALL_FIELDS
      }))
    })
    for (const [i, parent] of parents.entries()) {
      let result = response.results?.[i]
      let taken = this.#take(parent, result?.references, depth, 0)
      // A server that always has more is not followed for ever.
      for (let round = 0; hasMore(result?.continuationPoint); round++) {
        const release = taken >= referencesPerNode || round >= MOST_CONTINUATIONS || !this.#goesOn
        if (taken >= referencesPerNode) this.#cutBy.add('references')
        const next = await this.#caller.ask('BrowseNext', {
          releaseContinuationPoints: release,
          continuationPoints: [result?.continuationPoint]
        })
        if (release) break
        result = next.results?.[0]
        taken += this.#take(parent, result?.references, depth, taken)
      }
    }
  }

  #take(parent: Found, references: readonly Reference[] | null | undefined, depth: number, taken: number): number {
    let own = 0
    for (const { nodeId, nodeClass, displayName, browseName } of references ?? []) {
      if (taken + own >= this.#limits.referencesPerNode) {
        this.#cutBy.add('references')
        break
      }
      own++
      const id = String(nodeId)
      // The same node by another way, or a loop; and nodes of other servers.
      if (this.#seen.has(id) || (nodeId.serverIndex ?? 0) !== 0 || !this.#goesOn) continue
      this.#seen.add(id)
      const name = cut(displayName?.text || browseName?.name || id, 200)
      const kind = nodeClass === VARIABLE ? 'variable' : 'object'
      parent.children.push({ ...nothing, id, children: [], node: this.#written(id), name, nodeClass: kind, depth })
    }
    return own
  }

  async #describe(nodes: readonly Found[], most: number): Promise<void> {
    const variables = nodes.filter(({ nodeClass }) => nodeClass === 'variable')
    const each = Math.max(1, Math.floor(most / 3))
    for (let at = 0; at < variables.length && performance.now() < this.#until; at += each) {
      const some = variables.slice(at, at + each)
      const attributes = [DATA_TYPE, VALUE_RANK, ACCESS_LEVEL]
      const response = await this.#caller.ask('Read', {
        nodesToRead: some.flatMap(({ id }) => attributes.map((attributeId) => ({ nodeId: id, attributeId })))
      })
      for (const [i, variable] of some.entries()) {
        const [dataType, rank, access] = attributes.map((_, a) => response.results?.[3 * i + a]?.value?.value)
        variable.dataType = dataType === null || dataType === undefined ? null : typeName(String(dataType))
        variable.valueRank = typeof rank === 'number' ? rank : null
        variable.readable = typeof access === 'number' ? (access & 1) !== 0 : null
        variable.writable = typeof access === 'number' ? (access & 2) !== 0 : null
      }
    }
  }

  #written(id: string): string {
    const [, number = '0', identifier = ''] = /^ns=(\d+);(.*)$/s.exec(id) ?? []
    const uri = this.#namespaces[Number(number)]
    if (number === '0' || !uri) return number === '0' ? identifier : id
    return `nsu=${uri.replace(/%/g, '%25').replace(/;/g, '%3B')};${identifier}`
  }
}

interface Reference {
  nodeId: { serverIndex?: number; toString(): string }
  nodeClass: number
  displayName?: { text?: string | null } | null
  browseName?: { name?: string | null } | null
}

const nothing = {
  node: '',
  name: '',
  nodeClass: 'object',
  depth: -1,
  dataType: null,
  valueRank: null,
  readable: null,
  writable: null
} as const

function flatten(node: Found, into: Found[]): void {
  for (const child of node.children) {
    into.push(child)
    flatten(child, into)
  }
}

function hasMore(continuation: Buffer | null | undefined): continuation is Buffer {
  return continuation !== null && continuation !== undefined && continuation.length > 0
}

function typeName(id: string): string {
  const number = /^(?:ns=0;)?i=(\d+)$/.exec(id)?.[1]
  return number === undefined ? cut(id, 200) : (BUILT_IN[Number(number) - 1] ?? id)
}
