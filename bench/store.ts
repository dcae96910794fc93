// What storing costs: the embedded store's appends, its bytes per sample and a day's query; InfluxDB beside the bare influx package.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { InfluxDB, type IPoint } from 'influx'
import { quietLog } from '#runtime/log.ts'
import { EmbeddedConfig, EmbeddedStore } from '../collector/store/embedded.ts'
import { InfluxConfig, InfluxStore } from '../collector/store/influx.ts'
import type { StoreBatch, TelemetryStore } from '../collector/store/telemetry.ts'
import { startInfluxd } from '../test/parts/influxd.ts'

const START = 1_750_000_000_000
const DAY = 86_400
const IN_FLIGHT = 8
const SAMPLES_PER_MESSAGE = 1000
const BUCKETS = 500

type Row = Record<string, string | number>

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
const rounded = (number: number, digits: number): number => Number(number.toFixed(digits))

let seed = 20_240_601
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return (seed + 0.5) / 2 ** 32
}
const gauss = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
const scaled = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

// Of ten tags five are whole counts with a decimal scale and one to three counts of noise, two are 32-bit floats with noise
// in their whole mantissa, and one each is a counter, a status and a setpoint.
const KINDS: readonly ((second: number) => number)[] = [
  (t) => scaled(4.2 + 0.3 * Math.sin(t / 900) + 0.02 * gauss(), 2),
  (t) => scaled(52 + 4 * Math.sin(t / 700) + 0.3 * gauss(), 1),
  (t) => scaled(3.1 + Math.sin(t / 3000) + 0.001 * gauss(), 3),
  (t) => scaled(0.45 + 0.1 * Math.sin(t / 5000) + 0.01 * gauss(), 2),
  (t) => Math.round(1480 + 3 * Math.sin(t / 60) + gauss()),
  (t) => Math.fround(50 + 5 * Math.sin(t / 600) + 0.2 * gauss()),
  (t) => Math.fround(7.2 + 0.2 * Math.sin(t / 4000) + 0.01 * gauss()),
  (t) => 100_000 + Math.floor(t / 7),
  (t) => (t % 3000 < 1700 ? 1 : 0),
  () => 4.5
]

const seriesOf = (store: TelemetryStore, count: number): number[] =>
  Array.from({ length: count }, (_, i) => store.series({ site: 'bench', agent: `agent-${i % 4}`, tag: `plant.tag-${i}`, view: 'polled' }))

// One poll of all tags; they are read some milliseconds after the full second.
function scan(series: readonly number[], second: number): StoreBatch {
  const time = START + second * 1000 + Math.floor(random() * 8)
  return {
    series,
    times: series.map(() => time),
    values: series.map((_, i) => (KINDS[i % KINDS.length] as (t: number) => number)(second + i * 37)),
    qualities: series.map(() => 0)
  }
}

// The values of a scan that was made before, at another time.
function inMessages({ series, values, qualities }: StoreBatch, second: number): StoreBatch[] {
  const messages: StoreBatch[] = []
  for (let from = 0; from < series.length; from += SAMPLES_PER_MESSAGE) {
    const cut = <T>(column: ArrayLike<T>): T[] => Array.from(column).slice(from, from + SAMPLES_PER_MESSAGE)
    const some = cut(series)
    messages.push({ series: some, times: some.map(() => START + second * 1000), values: cut(values), qualities: cut(qualities) })
  }
  return messages
}

async function inFlight(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}

async function withEmbedded<T>(work: (open: () => Promise<EmbeddedStore>, directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-bench-'))
  const open = async (): Promise<EmbeddedStore> => {
    const store = new EmbeddedStore({ config: EmbeddedConfig.parse({ directory }), log: quietLog() })
    await store.start()
    return store
  }
  try {
    return await work(open, directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

// The batches are made before; 64 scans take turns.
function embeddedAppend(tags: number, samples: number): Promise<Row> {
  return withEmbedded(async (open) => {
    const store = await open()
    const series = seriesOf(store, tags)
    const scans = Array.from({ length: 64 }, (_, second) => scan(series, second))
    const messages = Array.from({ length: Math.ceil(samples / tags) }, (_, second) =>
      inMessages(scans[second % 64] as StoreBatch, second)
    ).flat()
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const cpu = process.cpuUsage()
    const begun = performance.now()
    await inFlight(messages.length, (i) => store.append([messages[i] as StoreBatch]))
    const appended = { seconds: (performance.now() - begun) / 1000, cpu: process.cpuUsage(cpu) }
    await store.seal()
    const all = process.cpuUsage(cpu)
    delay.disable()
    const count = await store.count()
    await store.stop()
    return {
      tags,
      'million samples/s': rounded(count / appended.seconds / 1e6, 2),
      'append µs CPU/sample': rounded((appended.cpu.user + appended.cpu.system) / count, 3),
      'with all sealed': rounded((all.user + all.system) / count, 3),
      'loop held ms, 99 %': rounded(delay.percentile(99) / 1e6, 1),
      'longest ms': rounded(delay.max / 1e6, 1)
    }
  })
}

function embeddedDay(tags: number): Promise<Row> {
  return withEmbedded(async (open, directory) => {
    const filling = await open()
    const series = seriesOf(filling, tags)
    for (let second = 0; second < DAY; second++) {
      const appending = filling.append([scan(series, second)])
      if (second % 100 === 0) await appending
    }
    await filling.seal()
    await filling.stop()
    const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
    const store = await open()
    const times: number[] = []
    for (let round = 0; round < 60; round++) {
      const begun = performance.now()
      const { times: buckets } = await store.range({ series: series[round % tags] as number, ...day, buckets: BUCKETS })
      times.push(performance.now() - begun)
      if (buckets.length !== BUCKETS) throw new Error(`${buckets.length} buckets came back`)
    }
    const count = await store.count()
    await store.stop()
    return {
      tags,
      samples: count,
      'bytes/sample, all files': rounded(bytes / count, 3),
      'first query ms': rounded(times[0] as number, 2),
      'median ms': rounded(median(times), 2),
      'best ms': rounded(Math.min(...times), 2)
    }
  })
}

const day = { from: START, to: START + DAY * 1000 }

const bareTags = (i: number) => ({ site: 'bench', agent: `agent-${i % 4}`, name: `plant.tag-${i}`, view: 'polled' })

// Both write the same samples into databases of their own, in turn.
async function influxWrites(server: { url: string; host: string; port: number }): Promise<Row[]> {
  const bare = new InfluxDB({ host: server.host, port: server.port, database: 'bare' })
  await bare.createDatabase('bare')
  const store = new InfluxStore({ config: InfluxConfig.parse({ url: server.url, database: 'ours' }), log: quietLog() })
  await store.start()
  const series = seriesOf(store, 1000)
  const ways: Record<string, { rate: number[]; cpu: number[] }> = {
    'bare writePoints': { rate: [], cpu: [] },
    'our append': { rate: [], cpu: [] }
  }
  for (let round = 0; round < 8; round++) {
    const groups = Array.from({ length: 30 }, (_, g) => Array.from({ length: 5 }, (_, s) => scan(series, (round * 30 + g) * 5 + s)))
    const points = groups.map((scans) => scans.flatMap(({ times, values }) => series.map((_, i) => pointOf(i, times, values))))
    const work: Record<string, (group: number) => Promise<unknown>> = {
      'bare writePoints': (group) => bare.writePoints(points[group] as IPoint[], { precision: 'ms' }),
      'our append': (group) => store.append(groups[group] as StoreBatch[])
    }
    for (const [way, figures] of Object.entries(ways)) {
      const cpu = process.cpuUsage()
      const begun = performance.now()
      await twoInFlight(groups.length, work[way] as (group: number) => Promise<unknown>)
      const { user, system } = process.cpuUsage(cpu)
      figures.rate.push((groups.length * 5000 * 1000) / (performance.now() - begun))
      figures.cpu.push((user + system) / (groups.length * 5000))
    }
  }
  await store.stop()
  return Object.entries(ways).map(([way, { rate, cpu }]) => ({
    way,
    'samples/s median': Math.round(median(rate)),
    best: Math.round(Math.max(...rate)),
    'client µs CPU/sample': rounded(median(cpu), 2)
  }))
}

async function twoInFlight(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  const lane = async (first: number): Promise<void> => {
    for (let i = first; i < count; i += 2) await work(i)
  }
  await Promise.all([lane(0), lane(1)])
}

function pointOf(i: number, times: ArrayLike<number>, values: StoreBatch['values']): IPoint {
  return { measurement: 'sample', tags: bareTags(i), fields: { value: Number(values[i]), quality: 0 }, timestamp: times[i] as number }
}

async function influxDay(server: { url: string; host: string; port: number }): Promise<Row[]> {
  const store = new InfluxStore({ config: InfluxConfig.parse({ url: server.url, database: 'day' }), log: quietLog() })
  await store.start()
  const [series = 0] = seriesOf(store, 1)
  for (let second = 0; second < DAY; second += 5000)
    await store.append(Array.from({ length: Math.min(5000, DAY - second) }, (_, i) => scan([series], second + i)))
  const bare = new InfluxDB({ host: server.host, port: server.port, database: 'day' })
  const where = Object.entries(bareTags(0)).map(([name, value]) => `"${name}" = '${value}'`)
  const during = `time >= ${day.from}ms AND time < ${day.to}ms`
  const grouped = `FROM sample WHERE ${where.join(' AND ')} AND ${during} GROUP BY time(${(DAY * 1000) / BUCKETS}ms, ${day.from % ((DAY * 1000) / BUCKETS)}ms)`
  const few = 'mean("value"), min("value"), max("value")'
  const ways: Record<string, { run: () => Promise<unknown>; ms: number[] }> = {
    'bare, all that we give': {
      run: () => bare.query(`SELECT ${few}, last("value"), last("text"), count("quality"), max("quality") ${grouped}`),
      ms: []
    },
    'our range': { run: () => store.range({ series, ...day, buckets: BUCKETS }), ms: [] },
    'bare, mean min max only': { run: () => bare.query(`SELECT ${few} ${grouped}`), ms: [] }
  }
  for (let round = 0; round < 25; round++)
    for (const way of Object.values(ways)) {
      const begun = performance.now()
      await way.run()
      way.ms.push(performance.now() - begun)
    }
  await store.stop()
  return Object.entries(ways).map(([way, { ms }]) => ({ way, 'median ms': rounded(median(ms), 1), 'best ms': rounded(Math.min(...ms), 1) }))
}

console.log(`Embedded store, synchronous full, messages of ${SAMPLES_PER_MESSAGE} samples, ${IN_FLIGHT} under way`)
console.table([await embeddedAppend(1000, 6e6), await embeddedAppend(10_000, 6e6), await embeddedAppend(100_000, 6e6)])
console.log(`Embedded store, a day at 1 s; query: a day of one tag in ${BUCKETS} parts`)
console.table([await embeddedDay(50)])
await using influxd = await startInfluxd()
console.log('InfluxDB, 5,000 samples to a write, two writes under way')
console.table(await influxWrites(influxd))
console.log(`InfluxDB, a day of one tag in ${BUCKETS} parts`)
console.table(await influxDay(influxd))
