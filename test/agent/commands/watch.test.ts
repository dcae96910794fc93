// The rows of the live table: value, change, rate and age as a person sees them, and the connections that a command finds.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { BAD_TIMEOUT, GOOD } from '#contract/quality.ts'
import { sayIn } from '#runtime/command-line.ts'
import { readConfigText } from '#runtime/config-file.ts'
import { connectedEndpoints, isConnected, remoteEnds } from '../../../agent/commands/own-connections.ts'
import { LiveRows } from '../../../agent/commands/watch.ts'
import { AgentConfig } from '../../../agent/config.ts'

const YAML = `
agent: a
site: { id: s, title: { zh: 站, en: Site }, sector: water }
broker: { url: "mqtt://127.0.0.1:1" }
outbox: { file: ./o.db }
devices: [{ id: d, protocol: modbus-tcp, host: h, tags: [{ name: level, at: input 0 int16, unit: m, title: { zh: 液位, en: Level } }, { name: flow, at: input 1 int16 }] }]
`

it('shows what changed, how often and how long ago', () => {
  const { config } = readConfigText({ file: 'agent.yaml', text: Buffer.from(YAML), schema: AgentConfig, language: 'en' })
  const rows = new LiveRows(config)
  const lines = (now: number) => stripVTControlCharacters(rows.table(sayIn('zh-CN'), 'zh-CN', process.stdout, now)).split('\n')
  const tag = { id: 1, name: 'level', device: 'd' } as Parameters<LiveRows['add']>[0]['tag']
  expect(lines(0)[1]).toMatch(/^level {2}液位 +— +等待中$/)
  for (const [i, value] of [10, 10, 12.5].entries()) rows.add({ tag, value, quality: GOOD, time: 1000 * i })
  expect(lines(3500)[1]).toMatch(/^level {2}液位 +12\.5 m +\+2\.5 +Good 良好 +1\.00 +1\.5 s$/)
  rows.add({ tag, value: null, quality: BAD_TIMEOUT, time: 4000 })
  expect(lines(4000)[1]).toMatch(/^level {2}液位 +— +≠ +BadTimeout 设备未在限时内应答 +0\.75 +0\.0 s$/)
  expect(lines(4000)[2]).toMatch(/等待中$/)
})

it('finds the connections of this machine in the tables of the kernel', async () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1',
    '   1: 0A00020F:C350 0500000A:01F6 01 00000000:00000000 00:00000000 00000000     0        0 2',
    '   2: 0A00020F:C351 0600000A:01F6 06 00000000:00000000 00:00000000 00000000     0        0 3',
    '   3: 00000000000000000000000000000000:0016 0000000000000000FFFF00000700000A:01F6 01 0:0 00:0 0 0 0 4',
    '   4: 00000000000000000000000000000000:0016 B80D0120000000000000000001000000:10C6 01 0:0 00:0 0 0 0 5'
  ].join('\n')
  expect(remoteEnds(table)).toEqual(['10.0.0.5:502', '10.0.0.7:502', '2001:db8::1:4294'])
  const connected = new Set(remoteEnds(table))
  expect(await isConnected({ host: '10.0.0.5', port: 502 }, connected)).toBe(true)
  expect(await isConnected({ host: '10.0.0.6', port: 502 }, connected)).toBe(false)
  expect(await isConnected({ host: '2001:db8::1', port: 4294 }, connected)).toBe(true)
})

it('takes a simulator on this machine for no device that is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  expect(await isConnected({ host: '127.0.0.1', port }, new Set([`127.0.0.1:${port}`]))).toBe(false)
  expect(await connectedEndpoints()).toBeInstanceOf(Set)
  server.close()
})
