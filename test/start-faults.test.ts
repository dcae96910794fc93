// What a person reads when a program cannot start: one sentence, no stack, in the language asked for.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const command = fileURLToPath(new URL('../penstock.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'penstock-start-'))
const taken = createServer()
let port = 0

beforeAll(async () => {
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
  const address = taken.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})

afterAll(() => {
  taken.close()
  rmSync(folder, { recursive: true, force: true })
})

// Killed after a while: one that hangs shall not keep the tests.
function penstock(...words: string[]): Promise<{ code: unknown; stderr: string }> {
  return new Promise((settle) => {
    execFile(process.execPath, [command, ...words], { timeout: 20_000, killSignal: 'SIGKILL' }, (error, _, stderr) => {
      settle({ code: error === null ? 0 : error.code, stderr: stderr.trim() })
    })
  })
}

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const agent = (outbox: string) => `agent: a
site: { id: s, title: { zh: 站, en: Site }, sector: water }
broker: { url: "mqtt://127.0.0.1:1" }
outbox: { file: ${outbox} }
devices: [{ id: d, protocol: modbus-tcp, host: 127.0.0.1, port: 1, unit: 1, tags: [{ name: t, at: coil 0 }] }]
`

test('a port in use', async () => {
  const file = written('simulator.yaml', `modbus: { port: ${port} }\n`)
  const english = await penstock('--language', 'en', 'simulate', '-c', file)
  expect(english).toEqual({
    code: 1,
    stderr: `127.0.0.1:${port}: port ${port} is taken by node (pid ${process.pid}); choose another or stop that program (EADDRINUSE)`
  })
  const chinese = await penstock('--language', 'zh-CN', 'simulate', '-c', file)
  expect(chinese.stderr).toBe(
    `127.0.0.1:${port}：端口 ${port} 已被 node（进程 ${process.pid}）占用，请换用其他端口或先停止该程序（EADDRINUSE）`
  )
  const demo = await penstock('--language', 'en', 'demo', '--port', String(port), '--data', join(folder, 'demo'))
  expect(demo).toEqual({ code: 1, stderr: `Port ${port} is in use; choose another with --port (0 takes a free one).` })
}, 60_000)

test('a folder where a file should be, and a file where a folder should be', async () => {
  mkdirSync(join(folder, 'outbox.db'))
  const outbox = await penstock('--language', 'en', 'agent', '-c', written('agent.yaml', agent('./outbox.db')))
  expect(outbox).toEqual({ code: 1, stderr: `${join(folder, 'outbox.db')}: must be a file and is a folder (EISDIR)` })
  const text = 'data: ./agent.yaml\nbroker: { mode: embedded, port: 0, allowAnonymous: true }\napi: { port: 0 }\n'
  const data = await penstock('--language', 'zh-CN', 'collector', '-c', written('collector.yaml', text))
  expect(data).toEqual({ code: 1, stderr: `${join(folder, 'agent.yaml')}：应为文件夹，实为文件（EEXIST）` })
}, 60_000)

test('a folder that the file system refuses to make ends the start', async () => {
  const { code, stderr } = await penstock('--language', 'en', 'agent', '-c', written('proc.yaml', agent('/proc/penstock/outbox.db')))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^\/proc.*: .+ \(E[A-Z]+\)$/)
}, 30_000)

test('a secret that is not there', async () => {
  const secret = agent('./outbox-2.db').replace(':1" }', ':1", username: u, password: { file: ./none } }')
  const { code, stderr } = await penstock('--language', 'zh-CN', 'agent', '-c', written('secret.yaml', secret))
  expect([code, stderr]).toEqual([78, `密钥文件 ${join(folder, 'none')} 无法读取（ENOENT）`])
}, 30_000)
