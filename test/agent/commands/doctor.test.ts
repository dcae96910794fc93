// `agent doctor`: each thing that can be wrong is found, with what to do; a device is connected once and never asked anything.

import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { doctor } from '../../../agent/commands/doctor.ts'
import { DoctorResult } from '../../../agent/commands/results.ts'
import { AddressPlc } from '../../parts/address-plc.ts'
import { agentFile } from '../../parts/command.ts'
import { freePort } from '../../parts/wait.ts'
import { answerTo, startTimeServer } from '../time-server.ts'
import { makeCertificates } from './doctor-certificates.ts'

const deviceAt = (port: number, id = 'plc-1') => ({
  ...{ id, protocol: 'modbus-tcp', host: '127.0.0.1', port },
  tags: [{ name: `${id}.t`, at: 'coil 0' }]
})

async function findings(file: string) {
  const { data, text, trouble } = await doctor({ file, language: 'en' })
  const result = DoctorResult.parse(data)
  expect(trouble).toBe(!result.ok)
  for (const { level, advice } of result.findings) expect(advice === undefined).toBe(level === 'ok')
  const level = (check: string, subject?: RegExp) =>
    result.findings.filter((one) => one.check === check && (subject?.test(one.subject) ?? true)).map((one) => one.level)
  return { ...result, text, level }
}

describe('the network', () => {
  it('is looked at with one connection to each endpoint, over which nothing is said', async () => {
    await using plc = await AddressPlc.start()
    const dead = await freePort()
    const { level, text, ok } = await findings(
      await agentFile([deviceAt(plc.port), { ...deviceAt(plc.port, 'plc-2'), unit: 2 }, deviceAt(dead, 'plc-3')])
    )
    expect(level('network.device', /^plc-1$/)).toEqual(['ok'])
    expect(level('network.device', /^plc-2$/)).toEqual([])
    expect(level('network.device', /^plc-3$/)).toEqual(['fail'])
    expect([plc.connections, plc.requests]).toEqual([1, []])
    expect(text).toContain('the host is there and the port is closed')
    expect(ok).toBe(false)
  })

  it('finds a serial line that is not there, in the language of the reader', async () => {
    const line = { id: 'meter', protocol: 'modbus-rtu', line: { path: '/dev/ttyNONE9' }, tags: [{ name: 't', at: 'coil 0' }] }
    const { text } = await doctor({ file: await agentFile([line]), language: 'zh-CN' })
    expect(text).toMatch(/故障 {2}network\.line +meter: 串口 \/dev\/ttyNONE9 无法使用（ENOENT）/)
    expect(text).toContain('→ 检查接线和路径')
  })
})

describe('certificates', () => {
  it('tells those that fit from expired, foreign and open ones', async () => {
    const made = await makeCertificates()
    const server = createServer({ ca: made.ca, cert: made.server.cert, key: made.server.key }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const broker = (host: string) => ({
        url: `mqtts://${host}:${port}`,
        tls: { ca: './ca.pem', cert: './own.pem', key: './own-key.pem' }
      })
      const fileWith = async (own: { cert: string; key: string }, host = 'localhost') => {
        const file = await agentFile([deviceAt(1)], { broker: broker(host) })
        const put = (name: string, text: string) => writeFile(join(dirname(file), name), text, { mode: 0o600 })
        await Promise.all([put('ca.pem', made.ca), put('own.pem', own.cert), put('own-key.pem', own.key)])
        return file
      }
      const good = await findings(await fileWith(made.own))
      expect(good.level('network.broker')).toEqual(['ok'])
      for (const check of ['certificate.ca', 'certificate.own', 'certificate.chain', 'certificate.name'])
        expect(good.level(check), check).toEqual(['ok'])
      expect(good.level('certificate.key')).toEqual(['ok', 'ok'])

      const expired = await fileWith(made.expired)
      await chmod(join(dirname(expired), 'own-key.pem'), 0o644)
      const bad = await findings(expired)
      expect(bad.level('certificate.own')).toEqual(['fail'])
      expect(bad.level('certificate.key')).toEqual(['ok', 'fail'])

      const foreign = await findings(await fileWith(made.foreign, '127.0.0.1'))
      expect(foreign.level('certificate.chain')).toEqual(['warn'])
      expect(foreign.level('certificate.name')).toEqual(['fail'])
      expect(foreign.text).toContain('set broker.tls.serverName')

      const mixed = await findings(await fileWith({ cert: made.foreign.cert, key: made.own.key }))
      expect(mixed.level('certificate.key')).toEqual(['fail', 'ok'])
      expect(mixed.level('network.broker')).toEqual(['warn'])
    } finally {
      server.close()
    }
  })

  it('goes on where a file is missing', async () => {
    const broker = { url: 'mqtts://127.0.0.1:1', tls: { ca: './none.pem' } }
    const { level } = await findings(await agentFile([deviceAt(1)], { broker }))
    expect(level('certificate.file', /none\.pem$/)).toEqual(['fail'])
    expect(level('network.broker')).toEqual(['fail'])
    expect(level('config.warning')).toEqual(['warn'])
  })
})

describe('files and the machine', () => {
  it('finds secrets that others can read, and an outbox larger than the disk', async () => {
    const broker = { url: 'mqtt://127.0.0.1:1', username: 'u', password: { file: './secret' } }
    const file = await agentFile([deviceAt(1)], { broker, outbox: { file: './data/outbox.db', maxBytes: 2 ** 40 } })
    await writeFile(join(dirname(file), 'secret'), 'x', { mode: 0o644 })
    await chmod(join(dirname(file), 'secret'), 0o644)
    const { level, text } = await findings(file)
    expect(level('file.secret')).toEqual(['fail'])
    expect(level('file.space')).toEqual(['warn'])
    expect(level('file.outbox')).toEqual(['ok'])
    expect(level('file.config')).toEqual(['ok'])
    expect(level('machine.node')).toEqual(['ok'])
    expect(level('time.clock')).toHaveLength(1)
    expect(text).toMatch(/run chmod 600 .*secret/)
  })

  it('asks the time server of the config', async () => {
    await using server = await startTimeServer((question) => [answerTo(question, {})])
    const { level } = await findings(await agentFile([deviceAt(1)], { clock: { server: `127.0.0.1:${server.port}` } }))
    expect(level('time.clock', /^127\.0\.0\.1:/)).toEqual(['ok'])
  })
})
