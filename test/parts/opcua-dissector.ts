// What Wireshark's own dissector reads out of a capture of unencrypted OPC UA: which services a client asked for, and when it had
// which connections open. An independent eye: nothing of node-opcua has a part in it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Dissected {
  /** Requests by the numeric id of their binary encoding (OPC 10000-6, annex A). */
  requests: Map<number, number>
  /** Messages of the transport by their three letters. */
  messages: Map<string, number>
  connections: number
  mostOpen: number
}

const FIELDS = [
  'tcp.stream',
  'tcp.srcport',
  'tcp.flags.syn',
  'tcp.flags.fin',
  'tcp.flags.reset',
  'opcua.transport.type',
  'opcua.servicenodeid.numeric'
]

/** Reads everything that went to the port. */
export async function dissectOpcua(file: string, port: number): Promise<Dissected> {
  const fields = FIELDS.flatMap((field) => ['-e', field])
  const { stdout } = await promisify(execFile)(
    'tshark',
    ['-r', file, '-d', `tcp.port==${port},opcua`, '-Y', `tcp.port==${port}`, '-T', 'fields', ...fields],
    { maxBuffer: 256 << 20 }
  )
  const dissected: Dissected = { requests: new Map(), messages: new Map(), connections: 0, mostOpen: 0 }
  const open = new Set<string>()
  for (const line of stdout.split('\n').filter((one) => one !== '')) {
    const [stream = '', from, syn, fin, reset, types = '', services = ''] = line.split('\t')
    const byClient = Number(from) !== port
    if (isSet(syn) && byClient && !open.has(stream)) {
      dissected.connections++
      open.add(stream)
      dissected.mostOpen = Math.max(dissected.mostOpen, open.size)
    }
    // Whoever ends it first: from then on it carries no request.
    if (isSet(fin) || isSet(reset)) open.delete(stream)
    if (!byClient) continue
    for (const type of types.split(',').filter((one) => one !== '')) count(dissected.messages, type)
    for (const service of services.split(',').filter((one) => one !== '')) count(dissected.requests, Number(service))
  }
  return dissected
}

const isSet = (flag: string | undefined): boolean => flag === '1' || flag === 'True'

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
