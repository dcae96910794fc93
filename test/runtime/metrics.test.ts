// What Prometheus is told, and the small server that tells it.
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { createMetrics, MetricsServer } from '#runtime/metrics.ts'

test('each registry is its own', async () => {
  const [one, two] = [createMetrics(), createMetrics()]
  const reads = one.counter({ name: 'penstock_reads_total', help: 'Reads.', labels: ['device'] })
  reads.inc({ device: 'plc-1' }, 3)
  let waiting = 7
  one.gauge({ name: 'penstock_waiting', help: 'Waiting.', collect: (gauge) => gauge.set(waiting) })
  one.histogram({ name: 'penstock_seconds', help: 'Seconds.', buckets: [0.1, 1] }).observe(0.5)
  waiting = 8
  expect(await one.text()).toContain('penstock_reads_total{device="plc-1"} 3\n')
  expect(await one.text()).toContain('penstock_waiting 8\n')
  expect(await one.text()).toContain('penstock_seconds_bucket{le="1"} 1\n')
  expect(await two.text()).not.toContain('penstock_')
})

test('the process can be watched in one of them', async () => {
  const metrics = createMetrics()
  metrics.watchProcess()
  expect(await metrics.text()).toContain('process_resident_memory_bytes')
})

describe('the server', () => {
  async function serve(state: { ready: boolean; detail?: string }) {
    const metrics = createMetrics()
    metrics.counter({ name: 'penstock_up_total', help: 'Up.' }).inc()
    const server = new MetricsServer({ metrics, log: quietLog(), port: 0, ready: () => state })
    await server.start()
    return { server, url: `http://127.0.0.1:${server.port}` }
  }

  test('answers its three paths and nothing else', async () => {
    const state = { ready: false, detail: 'no broker' }
    const { server, url } = await serve(state)
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`${url}${path}`, { method })
      return [response.status, await response.text()]
    }
    expect(await get('/metrics')).toEqual([200, expect.stringContaining('penstock_up_total 1')])
    expect(await get('/healthz')).toEqual([200, 'ok\n'])
    expect(await get('/readyz')).toEqual([503, 'no broker\n'])
    state.ready = true
    expect(await get('/readyz')).toEqual([200, 'no broker\n'])
    expect((await get('/'))[0]).toBe(404)
    expect((await get('/metrics', 'POST'))[0]).toBe(405)
    await server.stop()
    await expect(fetch(url)).rejects.toThrow()
  })

  test('stops although somebody holds a connection, and a taken port is told', async () => {
    const { server } = await serve({ ready: true })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('connect', resolve))
    const second = new MetricsServer({ metrics: createMetrics(), log: quietLog(), port: server.port })
    await expect(second.start()).rejects.toThrow('EADDRINUSE')
    await second.stop()
    await server.stop()
    socket.destroy()
  })
})
