// The servers that other tests stand on start, die and come back at the same place.
import { expect, test } from 'vitest'
import { startInfluxd } from '../parts/influxd.ts'
import { startMosquitto } from '../parts/mosquitto.ts'
import { until } from '../parts/wait.ts'

test('Mosquitto comes back on its port after SIGKILL', async () => {
  await using mosquitto = await startMosquitto()
  const { pid, port } = mosquitto
  await mosquitto.kill('SIGKILL')
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  await mosquitto.restart()
  expect(mosquitto.port).toBe(port)
  expect(mosquitto.pid).not.toBe(pid)
})

test('InfluxDB keeps what was written over SIGKILL', async () => {
  await using influxd = await startInfluxd()
  const query = (q: string) => fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ db: 'plant', q }) })
  await query('CREATE DATABASE plant')
  const written = await fetch(`${influxd.url}/write?db=plant`, { method: 'POST', body: 'level value=4.5 1000000000' })
  expect(written.status).toBe(204)
  await influxd.kill('SIGKILL')
  await influxd.restart()
  expect(await (await query('SELECT value FROM level')).text()).toContain('4.5')
})

test('until names what it waited for', async () => {
  await expect(until(() => false, { what: 'nothing at all', timeoutMs: 20 })).rejects.toThrow('nothing at all')
})
