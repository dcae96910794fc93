// The spine on InfluxDB beside what the bare `influx` package writes in the same run: its writePoints, 5,000 points at a time and
// two writes on their way, on the same server, the same samples, in turn. Both share the machine with the server.
import { InfluxDB, type IPoint } from 'influx'
import type { SampleBatch } from '#contract/sample.ts'
import { quietLog } from '#runtime/log.ts'
import { InfluxConfig, InfluxStore } from '../../collector/store/influx.ts'
import { startInfluxd } from '../../test/parts/influxd.ts'
import { type Figures, median, type Wire } from '../pipeline.ts'
import { batchOf, type Load, SITE } from './load.ts'

const GOAL = 0.75
const MESSAGES_AT_ONCE = 5
const IN_FLIGHT = 2
const ROUNDS = 5

export async function besideBareClient(openWire: (store: InfluxStore) => Promise<Wire>): Promise<void> {
  await using server = await startInfluxd()
  const bare = new InfluxDB({ host: server.host, port: server.port, database: 'bare' })
  await bare.createDatabase('bare')
  const config = InfluxConfig.parse({ url: server.url, database: 'penstock' })
  await using wire = await openWire(new InfluxStore({ config, log: quietLog() }))
  const ours: Figures[] = []
  const theirs: Figures[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const load = { agent: `agent-${round}`, tags: 1000, samplesPerMessage: 1000, messages: 300 }
    theirs.push(await writeBare(bare, load))
    ours.push(await wire.run(load))
  }
  const [a, b] = [ours, theirs].map((figures) => ({
    rate: median(figures.map((f) => f.perSecond)),
    cpu: median(figures.map((f) => f.cpuMicros))
  }))
  const ratio = median(ours.map(({ perSecond }, i) => perSecond / (theirs[i]?.perSecond ?? Number.NaN)))
  const number = (n = Number.NaN) => Math.round(n).toLocaleString('en')
  console.log(
    `InfluxDB, whole spine ${number(a?.rate)}/s at ${a?.cpu.toFixed(2)} µs CPU/sample; bare influx writePoints ${number(b?.rate)}/s at ${b?.cpu.toFixed(2)} µs`
  )
  console.log(`ratio ${ratio.toFixed(2)} (goal ${GOAL}: ${ratio >= GOAL ? 'reached' : 'missed'})`)
}

async function writeBare(client: InfluxDB, load: Load): Promise<Figures> {
  const batches = Array.from({ length: load.messages }, (_, i) => batchOf(load, i + 1))
  const begun = { at: performance.now(), cpu: process.cpuUsage() }
  const lots = Array.from({ length: IN_FLIGHT }, (_, n) =>
    batches.filter((_batch, i) => Math.floor(i / MESSAGES_AT_ONCE) % IN_FLIGHT === n)
  )
  await Promise.all(lots.map((lot) => writeInTurn(client, lot)))
  const samples = load.messages * load.samplesPerMessage
  const { user, system } = process.cpuUsage(begun.cpu)
  return { perSecond: (samples / (performance.now() - begun.at)) * 1000, cpuMicros: (user + system) / samples }
}

async function writeInTurn(client: InfluxDB, batches: readonly SampleBatch[]): Promise<void> {
  for (let at = 0; at < batches.length; at += MESSAGES_AT_ONCE)
    await client.writePoints(batches.slice(at, at + MESSAGES_AT_ONCE).flatMap(pointsOf), { precision: 'ms' })
}

function pointsOf({ agent, base, tags, times, values, qualities, view }: SampleBatch): IPoint[] {
  return tags.map((id, i) => ({
    measurement: 'sample',
    tags: { site: SITE, agent, name: `tag.${id - 1}`, view },
    fields: { value: Number(values[i]), quality: qualities[i] ?? 0 },
    timestamp: base + (times[i] ?? 0)
  }))
}
