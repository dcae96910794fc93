// A process of its own that appends numbered samples until it is killed, and tells after each append which one is durable.
// Sample number n belongs to series n % 7, has the time T + n and a value that follows from n.
import { createLog } from '#runtime/log.ts'
import { EmbeddedConfig, EmbeddedStore } from '../../../collector/store/embedded.ts'
import { StoreFault } from '../../../collector/store/telemetry.ts'

const T = 1_760_000_000_000
const SERIES = 7
const BATCH = 50
const AT_ONCE = 4

const [directory = '', start = '0', openSamples = '1000'] = process.argv.slice(2)
// A file size limit must become an error of the write, as a full disk would, not the end of the process.
process.on('SIGXFSZ', () => {})

const config = EmbeddedConfig.parse({ directory, openSamples: Number(openSamples), synchronous: 'normal' })
const store = new EmbeddedStore({ config, log: createLog({ name: 'appender', level: 'silent' }) })
await store.start()
const series = Array.from({ length: SERIES }, (_, i) => store.series({ site: 's', agent: 'a', tag: `tag-${i}`, view: 'polled' }))

async function append(from: number): Promise<void> {
  const numbers = Array.from({ length: BATCH }, (_, i) => from + i)
  const batch = {
    series: numbers.map((n) => series[n % SERIES] as number),
    times: numbers.map((n) => T + n),
    values: numbers.map((n) => Math.round(Math.sin(n) * 1000) / 8),
    qualities: numbers.map(() => 0)
  }
  try {
    await store.append([batch])
    process.stdout.write(`stored ${from + BATCH}\n`)
  } catch (fault) {
    if (!(fault instanceof StoreFault)) throw fault
    process.stdout.write(`${fault.code} ${from}\n`)
    await new Promise((resolve) => process.stdin.once('data', resolve))
    await append(from)
  }
}

for (let next = Number(start); ; next += BATCH * AT_ONCE)
  await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => append(next + i * BATCH)))
