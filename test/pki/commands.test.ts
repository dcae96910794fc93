// `penstock pki` as people and scripts use it: exit codes, --json, both languages, and files that nobody else may read.
import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../parts/wait.ts'

const LAUNCHER = new URL('../../penstock.js', import.meta.url).pathname
let folder: string

beforeAll(async () => {
  folder = await temporaryFolder()
  await writeFile(join(folder, 'secret'), 'nine small fish\n')
})

function pki(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [LAUNCHER, 'pki', ...words], { cwd: folder }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err })
    })
  })
}

it('founds, issues, revokes and lists, and tells in either language what it will not do', async () => {
  const key = ['--passphrase-file', 'secret']
  expect(await pki('list', '--language', 'en')).toMatchObject({ code: 1, err: expect.stringContaining('run penstock pki init first') })
  const made = await pki('init', ...key, '--json')
  expect([made.code, JSON.parse(made.out)]).toMatchObject([0, { keyEncrypted: true, bundle: 'pki/ca.crt' }])
  expect(await pki('init', ...key, '--language', 'zh-CN')).toMatchObject({ code: 1, err: expect.stringContaining('不会被覆盖') })

  const agent = ['issue', 'agent', '--site', 'east-water', '--name', 'edge-1']
  const locked = await pki(...agent, '--json')
  expect([locked.code, JSON.parse(locked.out)]).toMatchObject([1, { fault: { code: 'PKI_PASSPHRASE' } }])
  const given = JSON.parse((await pki(...agent, ...key, '--days', '10', '--json')).out)
  expect(given).toMatchObject({ name: 'east-water/edge-1', certificate: 'pki/issued/agent-east-water.edge-1.crt' })
  expect(await readFile(join(folder, 'pki/mosquitto.acl'), 'utf8')).toContain('user east-water/edge-1')

  // Ten days are fewer than thirty: a timer that runs this is told by the exit code.
  expect(await pki('list', '--language', 'en')).toMatchObject({ code: 1, out: expect.stringContaining('run penstock pki rotate') })
  expect(await pki('show', given.certificate, '--language', 'zh-CN')).toMatchObject({ code: 0, out: expect.stringContaining(given.serial) })
  expect(JSON.parse((await pki('revoke', 'east-water/edge-1', ...key, '--json')).out)).toMatchObject({ revoked: [given.serial] })
  expect((await pki('list', '--json')).code).toBe(0)
  expect((await pki('issue', 'agent', '--site', 'east-water')).code).toBe(2)

  await chmod(join(folder, 'pki/authority'), 0o755)
  expect(await pki('list', '--language', 'en')).toMatchObject({ code: 1, err: expect.stringContaining('open to other users') })
})
