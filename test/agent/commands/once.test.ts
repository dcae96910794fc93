// `agent once` and `agent watch` on a real device: what it serves is what is shown, one connection, nothing but reads, no traces.
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { once } from '../../../agent/commands/once.ts'
import { OnceResult, WatchLine } from '../../../agent/commands/results.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { agentFile, startCommand } from '../../parts/command.ts'
import { until } from '../../parts/wait.ts'

const tags = [
  { name: 'level', at: 'input 16 int16', unit: 'm', scale: 0.1, title: { zh: '水塔液位', en: 'Tower level' } },
  { name: 'pump.speed', at: 'holding 300 int32', cadenceMs: 3_600_000 },
  { name: 'pump.on', at: 'coil 3' },
  { name: 'missing', at: 'input 900 uint16' }
]
const deviceAt = (port: number, more: object = {}) => ({ id: 'plc-1', protocol: 'modbus-tcp', host: '127.0.0.1', port, tags, ...more })
const illegal = [{ table: 'input-register', from: 900, to: 900 }] as const

it('reads each tag once, also the slow ones, and says what is bad', async () => {
  await using plc = await AddressPlc.start({ illegal })
  const file = await agentFile([deviceAt(plc.port)])
  const { data, text, trouble } = await once({ file, timeout: 15_000, raw: true, language: 'zh-CN' })
  const { readings, good, bad } = OnceResult.parse(data)
  expect(readings.map(({ tag, value, raw }) => [tag, value, raw])).toEqual([
    ['level', 1.6, '0010'],
    ['pump.speed', 300 * 65536 + 301, '012c012d'],
    ['pump.on', 1, '01'],
    ['missing', null, undefined]
  ])
  expect([good, bad, trouble]).toEqual([3, 1, true])
  expect(readings[3]).toMatchObject({ qualityClass: 'bad', qualityName: 'BadNodeIdUnknown' })
  expect(readings[0]?.roundTripMs).toBeGreaterThan(0)
  expect(text).toMatch(/plc-1 {2}level {7}水塔液位 .*1\.6 m {2}Good 良好/)
  expect(text).toContain('012c 012d')
  expect(text).toContain('良好 3 个，不确定 0 个，坏值 1 个')
  expect([plc.connections, plc.mostOpen]).toEqual([1, 1])
  expect([...plc.functionCodes].every((code) => code <= 4)).toBe(true)
  // Neither outbox nor key: the folder holds the config alone.
  expect(readdirSync(dirname(file))).toEqual(['agent.yaml'])
})

it('reads only what is asked for, and keeps to the budget of the device', async () => {
  await using plc = await AddressPlc.start()
  const file = await agentFile([deviceAt(plc.port, { budget: { requestsPerSecond: 2 }, cadenceMs: 5000 })])
  const { data, trouble } = await once({ file, tag: ['pump.*', 'level'], timeout: 20_000, language: 'en' })
  expect(OnceResult.parse(data).readings.map(({ tag }) => tag)).toEqual(['level', 'pump.speed', 'pump.on'])
  expect(trouble).toBe(false)
  const [first, , third] = plc.requests
  expect((third?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(450)
  await expect(once({ file, device: ['plc-9'], timeout: 1000, language: 'en' })).rejects.toThrow(
    'the configuration has no device plc-9, but plc-1'
  )
  await expect(once({ file, tag: ['nothing'], timeout: 1000, language: 'en' })).rejects.toThrow('no tag fits')
})

it('says of a silent device that nothing came, after the time that was given', async () => {
  await using plc = await AddressPlc.start({ units: [9] })
  const file = await agentFile([deviceAt(plc.port, { timeoutMs: 5000 })])
  const { data, trouble } = await once({ file, timeout: 700, language: 'en' })
  const { readings } = OnceResult.parse(data)
  expect(trouble).toBe(true)
  expect(readings.map(({ qualityClass }) => qualityClass)).toEqual(['bad', 'bad', 'bad', 'bad'])
  expect(readings[0]).toMatchObject({ value: null, quality: null, time: null, qualityText: 'No reading in time' })
})

it('watches as JSON lines where no terminal is, until Ctrl-C', async () => {
  await using plc = await AddressPlc.start()
  const file = await agentFile([deviceAt(plc.port, { cadenceMs: 300, tags: tags.slice(0, 1) })])
  const watching = startCommand(['agent', 'watch', '-c', file])
  await until(() => watching.stdout.split('\n').length > 3, { what: 'three samples' })
  const lines = watching.stdout.trim().split('\n').slice(0, 3)
  for (const line of lines) expect(WatchLine.parse(JSON.parse(line))).toMatchObject({ tag: 'level', value: 1.6, raw: '0010' })
  watching.child.kill('SIGINT')
  expect(await watching.ended).toBe(0)
  expect(watching.stderr).toBe('')
  await until(() => plc.open === 0, { what: 'the end of the connection' })
})
