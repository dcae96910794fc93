// The store in InfluxDB when a real server is away, killed, unwilling, or keeps samples only for a while.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '#runtime/log.ts'
import { linePrefix } from '../../../collector/store/influx-lines.ts'
import { type Influxd, startInfluxd } from '../../parts/influxd.ts'
import { until } from '../../parts/wait.ts'
import { counted, faultOf, Opening } from './influx-parts.ts'
import { batchOf, key, T } from './suite-parts.ts'

const write = (influxd: Influxd, database: string, lines: string) =>
  fetch(`${influxd.url}/write?db=${database}`, { method: 'POST', body: lines })
const query = (influxd: Influxd, q: string) => fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })

describe('a real InfluxDB', () => {
  let influxd: Influxd
  let stores: Opening
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.stop())
  beforeEach(() => {
    stores = new Opening()
  })
  afterEach(() => stores[Symbol.asyncDispose]())

  it('may be away at the start; samples go in when it is there', async () => {
    await influxd.kill()
    const store = await stores.open({ url: influxd.url, database: 'later', timeoutMs: 2000 })
    const series = store.series(key('level'))
    expect(await faultOf(store.append([batchOf(series, counted(0, 3))]))).toMatchObject({ code: 'STORE_AWAY' })
    expect(await faultOf(store.latest([series]))).toMatchObject({ code: 'STORE_AWAY' })
    expect(await faultOf(store.range({ series, from: T, to: T + 1, buckets: 1 }))).toMatchObject({ code: 'STORE_AWAY' })
    await influxd.restart()
    expect(await store.count()).toBe(0)
    await store.append([batchOf(series, counted(0, 3))])
    expect(await store.count()).toBe(3)
    expect(await store.latest([series])).toEqual([counted(2, 1)[0]])
  })

  it('may be killed in the middle of appends; tried again, each sample is there once', { timeout: 60_000 }, async () => {
    const store = await stores.open({ url: influxd.url, database: 'killed', timeoutMs: 2000, batchPoints: 100 })
    const series = store.series(key('level'))
    let appended = 0
    let failures = 0
    const appending = (async () => {
      for (let from = 0; from < 40_000; from += 1000) {
        while (
          !(await store.append([batchOf(series, counted(from, 1000))]).then(
            () => true,
            (fault: unknown) => {
              expect(fault).toMatchObject({ code: 'STORE_AWAY' })
              failures++
              return false
            }
          ))
        )
          await sleep(10)
        appended = from + 1000
      }
    })()
    for (const goal of [5000, 20_000]) {
      await until(() => appended >= goal, { what: `${goal} samples`, everyMs: 1 })
      await influxd.kill()
      await until(() => failures > 0, { what: 'a failed append' })
      failures = 0
      await influxd.restart()
    }
    await appending
    expect(await store.count()).toBe(40_000)
    expect(await store.samples({ series, from: T + 19_990_000, to: T + 20_010_000, limit: 50 })).toEqual(counted(19_990, 20))
  })

  it('tells what it refuses and why', async () => {
    const store = await stores.open({ url: influxd.url, database: 'conflict' })
    await write(influxd, 'conflict', `${linePrefix(key('level'))}value="a text",quality=0i ${T}000000`)
    const fault = await faultOf(store.append([batchOf(store.series(key('level')), counted(0, 2))]))
    expect(fault.code).toBe('STORE_REFUSED')
    expect(fault.message).toContain('field type conflict')
  })

  it('has its database created again when somebody dropped it', async () => {
    const store = await stores.open({ url: influxd.url, database: 'dropped' })
    await query(influxd, 'DROP DATABASE "dropped"')
    expect(await store.latest([store.series(key('level'))])).toEqual([null])
    await store.append([batchOf(store.series(key('level')), counted(0, 2))])
    expect(await store.count()).toBe(2)
  })

  it('is used with the retention policy of the config, and what is older than that is not asked for again', async () => {
    await query(influxd, 'CREATE DATABASE "kept"')
    await query(influxd, 'CREATE RETENTION POLICY "a-day" ON "kept" DURATION 1d REPLICATION 1')
    const lines: string[] = []
    const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } })
    const store = await stores.open({ url: influxd.url, database: 'kept', retention: 'a-day' }, log)
    const now = Date.now()
    const series = store.series(key('level'))
    await store.append([batchOf(series, [{ time: now, value: 1, quality: 0 }])])
    await store.append([
      batchOf(series, [
        { time: now - 7 * 86_400_000, value: 2, quality: 0 },
        { time: now + 1, value: 3, quality: 0 }
      ])
    ])
    expect(lines.filter((line) => line.includes('older than it keeps'))).toHaveLength(1)
    expect(await store.samples({ series, from: 0, to: now * 2, limit: 9 })).toEqual([
      { time: now, value: 1, quality: 0 },
      { time: now + 1, value: 3, quality: 0 }
    ])
    const raw = await query(influxd, 'SELECT count(quality) FROM "kept"."a-day"."sample"')
    expect(await raw.text()).toContain('[["1970-01-01T00:00:00Z",2]]')
  })
})
