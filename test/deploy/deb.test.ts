// The Debian package: built by its script, unpacked, and used as it would be on a box beside a PLC.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../parts/wait.ts'

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname
let unpacked: string
let listing: string[]

beforeAll(async () => {
  const folder = await temporaryFolder()
  const env = { ...process.env, PENSTOCK_DEB_LEVEL: '0' }
  const { stdout } = await run(join(root, 'deploy/deb/build.sh'), [folder], { env })
  const file = stdout.trim()
  unpacked = join(folder, 'unpacked')
  await run('dpkg-deb', ['-x', file, unpacked])
  const contents = await run('dpkg-deb', ['-c', file], { maxBuffer: 64 << 20 })
  listing = contents.stdout.trimEnd().split('\n')
}, 240_000)

const inside = (path: string) => join(unpacked, path)
// The command names its own place, which is elsewhere until the package is installed.
const penstock = (...args: string[]) => run(inside('usr/lib/penstock/bin/node'), [inside('usr/lib/penstock/penstock.js'), ...args])

describe('the Debian package of the agent', () => {
  it('carries its own Node and runs with nothing else', async () => {
    const { stdout } = await run(inside('usr/lib/penstock/bin/node'), ['--version'])
    expect(stdout).toMatch(/^v24\./)
    const checked = await penstock('agent', 'check', '-c', inside('usr/share/doc/penstock-agent/examples/agent.yaml'), '--language', 'en')
    expect(checked.stdout).toContain('ok: agent edge-1 of site east-water')
  })

  it('holds nothing of the collector, the simulators or the tests', async () => {
    const app = await readdir(inside('usr/lib/penstock'))
    expect(app).not.toEqual(expect.arrayContaining(['collector']))
    expect(app.filter((name) => ['collector', 'simulators', 'rules', 'console', 'test', 'bench'].includes(name))).toEqual([])
    const packages = await readdir(inside('usr/lib/penstock/node_modules'))
    expect(packages.filter((name) => ['fastify', '@fastify', 'influx', 'aedes', 'vitest', 'typescript'].includes(name))).toEqual([])
    expect(packages).toContain('modbus-serial')
  })

  it('belongs to root, and nobody else may change a file of it', () => {
    expect(listing.length).toBeGreaterThan(1000)
    expect(listing.filter((line) => !line.includes(' root/root '))).toEqual([])
    expect(listing.filter((line) => /^[-d].{4}w|^[-d].{7}w/.test(line))).toEqual([])
    expect(listing.filter((line) => /^.{3}s|^.{6}s/.test(line))).toEqual([])
  })

  it('keeps the licence of each package that it carries', async () => {
    expect(existsSync(inside('usr/lib/penstock/bin/LICENSE.node'))).toBe(true)
    for (const name of ['modbus-serial', 'mqtt', 'zod']) {
      const files = await readdir(inside(`usr/lib/penstock/node_modules/${name}`))
      expect(files.filter((file) => /^licen[cs]e/i.test(file))).not.toEqual([])
    }
  })

  it('brings a hardened unit that systemd accepts', async () => {
    const unit = inside('lib/systemd/system/penstock-agent.service')
    const text = await readFile(unit, 'utf8')
    expect(text).not.toMatch(/\/opt\/penstock|\/usr\/bin\/node/)
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit])
    const score = Number(/exposure level for [^:]*: ([\d.]+)/.exec(stdout)?.[1])
    expect(score).toBeLessThanOrEqual(2)
  })
})
