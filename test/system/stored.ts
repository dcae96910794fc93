// What a store holds after a soak, looked at from outside: every sample of every tag, its value and its time.
import { join } from 'node:path'
import { z } from 'zod'
import { quietLog } from '#runtime/log.ts'
import { EmbeddedConfig, EmbeddedStore } from '../../collector/store/embedded.ts'
import { beatError } from './pulse-plc.ts'
import { AGENTS, DATABASE, SITE, TAGS_PER_AGENT, type Town, tagName } from './town.ts'

// A read takes a moment, and a busy machine longer; a value of another register or another minute is far outside.
const MOST_ERROR_MS = 5000
const PAGE = 5000

export interface Stored {
  samples: number
  bad: number
  doubled: number
  wrong: number
  /** Times of the first tag of each agent, to see where nothing was read. */
  times: number[][]
}

interface Row {
  time: number
  value: unknown
  quality: number
}

export async function lookAtStore(town: Town): Promise<Stored> {
  const out: Stored = { samples: 0, bad: 0, doubled: 0, wrong: 0, times: AGENTS.map(() => []) }
  const read = town.influx === undefined ? await embeddedReader(town) : influxReader(town.influx.url)
  for (const [index, agent] of AGENTS.entries()) {
    for (let address = 0; address < TAGS_PER_AGENT; address++) {
      const rows = await read.rows(agent, address)
      judge(out, rows, address)
      if (address === 0) out.times[index] = rows.map((row) => row.time)
    }
  }
  await read.close()
  return out
}

function judge(out: Stored, rows: readonly Row[], address: number): void {
  out.samples += rows.length
  out.doubled += rows.length - new Set(rows.map((row) => row.time)).size
  for (const { time, value, quality } of rows) {
    if (quality !== 0) out.bad++
    else if (typeof value !== 'number' || beatError(address, value, time) > MOST_ERROR_MS) out.wrong++
  }
}

interface Reader {
  rows(agent: string, address: number): Promise<Row[]>
  close(): Promise<void>
}

const Answer = z.object({
  results: z.array(z.object({ series: z.array(z.object({ values: z.array(z.tuple([z.number(), z.unknown(), z.number()])) })).optional() }))
})

function influxReader(url: string): Reader {
  return {
    async rows(agent, address) {
      const q = `SELECT value, quality FROM sample WHERE site = '${SITE}' AND agent = '${agent}' AND "name" = '${tagName(address)}'`
      const reply = await fetch(`${url}/query?${new URLSearchParams({ db: DATABASE, epoch: 'ms', q })}`)
      const { results } = Answer.parse(await reply.json())
      return (results[0]?.series?.[0]?.values ?? []).map(([time, value, quality]) => ({ time, value, quality }))
    },
    async close() {}
  }
}

async function embeddedReader(town: Town): Promise<Reader> {
  const store = new EmbeddedStore({ config: EmbeddedConfig.parse({ directory: join(town.folder, 'collector/samples') }), log: quietLog() })
  await store.start()
  return {
    async rows(agent, address) {
      const series = store.series({ site: SITE, agent, tag: tagName(address), view: 'polled' })
      const out: Row[] = []
      for (let from = 0; ; ) {
        const page = await store.samples({ series, from, to: Number.MAX_SAFE_INTEGER, limit: PAGE })
        out.push(...page)
        if (page.length < PAGE) return out
        from = (page.at(-1)?.time ?? from) + 1
      }
    },
    close: () => store.stop()
  }
}
