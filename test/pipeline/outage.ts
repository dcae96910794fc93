// An agent's outbox and publisher without its sources, in front of a whole centre: for timelines in which the centre was away.
import { join } from 'node:path'
import { encode } from '#contract/codec.ts'
import { BrokerClient } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { Columns } from '../../agent/publish/columns.ts'
import { openOutbox } from '../../agent/publish/outbox.ts'
import { Publisher, type PublisherOptions } from '../../agent/publish/publisher.ts'
import { until } from '../parts/wait.ts'
import { TAG_NAMES, Voice } from './voice.ts'
import { brokerConfig } from './world.ts'

export const NAME = { site: 'east', agent: 'edge-1' }
const log = quietLog()
let clients = 0

export interface Remote extends AsyncDisposable {
  publisher: Publisher
  /** A message with one sample of each level; the first at that time, the others a second apart. */
  put(from: number, levels: readonly number[]): void
  outbox: ReturnType<typeof openOutbox>
  /** Ends without a word, as a killed process. */
  drop(): Promise<void>
}

export interface RemoteOptions extends Partial<PublisherOptions> {
  folder: string
  url: string
  /** By the clock of the outbox; it says how old a message is. */
  now?: () => number
}

export async function remoteAt({ folder, url, now = Date.now, ...options }: RemoteOptions): Promise<Remote> {
  const outbox = openOutbox({ ...NAME, file: join(folder, 'outbox.db'), maxBytes: 1 << 30, maxAgeMs: 48 * 3_600_000, log, now })
  outbox.identify(TAG_NAMES.map((name) => ({ ...TAG, name })))
  const startedAt = now()
  const birth = () => {
    const voice = new Voice(NAME)
    voice.boot = outbox.boot
    voice.tagMap = outbox.tagMap
    const firstBoot = outbox.firstBoot < outbox.boot ? { firstBoot: outbox.firstBoot } : {}
    return voice.birth({ startedAt, ...firstBoot }).payload
  }
  const config = brokerConfig(url)
  const broker = new BrokerClient({ config, clientId: `remote-${++clients}`, clean: true, log, backoffMs: { min: 20, max: 100 } })
  const ending = new AbortController()
  const publisher = new Publisher({
    ...NAME,
    broker,
    outbox,
    acknowledge: 'collector',
    window: 8,
    resendAfterMs: 500,
    keepSentMs: 0,
    liveAfterMs: 30_000,
    replay: { factor: 2, atLeast: 1000 },
    birth,
    log,
    ...options
  })
  publisher.listen()
  await broker.start()
  const running = publisher.run(ending.signal)
  let isOver = false
  const drop = async () => {
    if (isOver) return
    isOver = true
    ending.abort()
    await running
    await broker.stop()
    outbox.close()
  }
  return {
    publisher,
    outbox,
    put: (from, levels) => {
      const columns = new Columns(levels.length)
      for (const [i, level] of levels.entries()) columns.add(1, from + i * 1000, level, 0)
      outbox.putSamples(columns)
      publisher.wake()
    },
    drop,
    [Symbol.asyncDispose]: drop
  }
}

const TAG = {
  device: 'plc-1',
  role: 'measurement',
  dataType: 'float',
  address: 'input-register 1 of unit 1',
  cadenceMs: 1000,
  heartbeatMs: 10_000
} as const

export const goodbye = (boot: number) => encode('death', { kind: 'death', schema: 1, ...NAME, boot, reason: 'lost', time: null })

export const drained = (remote: Remote) => until(() => remote.publisher.drained, { what: 'the outbox to be empty', timeoutMs: 60_000 })
