// A program for outage.ts: the real intake, outbox and publisher of an agent over a simulated plant. Without a broker its time goes as
// fast as the disk takes it; with one it replays what it kept, reads on once a second, and ends when all of it is stored.
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '#contract/codec.ts'
import { BrokerClient } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { Intake } from '../../agent/publish/intake.ts'
import { openOutbox } from '../../agent/publish/outbox.ts'
import { Publisher } from '../../agent/publish/publisher.ts'
import { brokerConfig } from '../pipeline/world.ts'
import { AGENT, levelOf, type Orders, SECONDS_PER_BATCH, tagName } from './outage-plant.ts'

const LIVE_SECONDS = 5

const orders: Orders = JSON.parse(process.argv[2] ?? '')
const { file, tags, begin, until, maxBytes, url } = orders
const log = quietLog()
let second = 0
const outbox = openOutbox({ ...AGENT, file, maxBytes, maxAgeMs: 72 * 3_600_000, log, now: () => begin + second * 1000 })
// What was put and is not on disk is read again, so that all of it can be counted.
second = outbox.lastTime === 0 ? 0 : (outbox.lastTime - begin) / 1000 + 1
const ids = outbox
  .identify(Array.from({ length: tags }, (_, i) => ({ ...tagBase(), name: tagName(i + 1), address: `input-register ${i} of unit 1` })))
  .map(({ id }) => id)
const intake = new Intake({
  outbox,
  limits: ids.map((id) => ({ id, deadband: 0, heartbeatMs: 1000, cadenceMs: 1000 })),
  maxBatchSamples: SECONDS_PER_BATCH * tags,
  maxDelayMs: 200,
  log,
  stored: () => tell({ durable: second, bytes: outbox.state.bytes, dropped: outbox.state.samples.dropped })
})
const qualities = ids.map(() => 0)

tell({ starts: second })
if (url === undefined) while (second < until) read()
else await comeBack(url)
outbox.close()

function read(): void {
  const time = begin + second * 1000
  intake.read({ time, tags: ids, values: ids.map((_, i) => levelOf(i + 1, second)), qualities })
  second++
}

async function comeBack(url: string): Promise<void> {
  const broker = new BrokerClient({ config: brokerConfig(url), clientId: 'outage', clean: true, log, backoffMs: { min: 20, max: 200 } })
  const publisher = new Publisher({
    ...{ ...AGENT, broker, outbox, acknowledge: 'collector', window: 32, resendAfterMs: 5000, keepSentMs: 0, liveAfterMs: 30_000 },
    // Compressed as the outage was: twice the live rate would take as long as half the outage.
    ...{ replay: { factor: 1000, atLeast: 10_000_000 }, birth, log }
  })
  publisher.listen()
  await broker.start()
  const ending = new AbortController()
  const running = publisher.run(ending.signal)
  for (let live = 0; live < LIVE_SECONDS || outbox.backlog.messages > 0 || outbox.lanes.length > 1; live++) {
    read()
    intake.flush()
    publisher.wake()
    await sleep(live === 0 ? 500 : 1000)
    outbox.tidy()
    tell({ backlog: outbox.backlog.messages })
  }
  while (!publisher.drained) await sleep(20)
  outbox.tidy()
  tell({ done: { seconds: second, samples: outbox.state.samples } })
  ending.abort()
  await running
  await broker.stop()
}

function birth(): Buffer {
  const title = { zh: '断网演练水厂', en: 'Outage Waterworks' }
  return encode('birth', {
    ...{ kind: 'birth', schema: 1, ...AGENT, boot: outbox.boot, tagMap: outbox.tagMap, startedAt: begin, version: '1', configHash: 'a' },
    ...{ acknowledge: 'collector', siteInfo: { id: AGENT.site, title, sector: 'water' } },
    devices: [{ id: 'plc-1', protocol: 'modbus-tcp', endpoint: '10.0.0.5:502 unit 1' }],
    tags: outbox.identify(Array.from({ length: tags }, (_, i) => ({ ...tagBase(), name: tagName(i + 1), address: 'input-register 1' })))
  })
}

function tagBase() {
  return { device: 'plc-1', role: 'measurement', dataType: 'float', cadenceMs: 1000, heartbeatMs: 1000 } as const
}

// Before anything else happens: what was said is true even when the process is killed right after.
function tell(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`)
}
