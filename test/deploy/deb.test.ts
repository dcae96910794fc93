// The Debian package: built by its script, unpacked, and used as it would be on a box beside a PLC.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { deadLinks } from '../parts/dead-links.ts'
import { freePort, temporaryFolder } from '../parts/wait.ts'

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

  it('has the commands that a person at a plant uses', async () => {
    const config = inside('usr/share/doc/penstock-agent/examples/agent.yaml')
    const plan = await penstock('agent', 'plan', '-c', config, '--language', 'en')
    expect(plan.stdout).toContain('4.00 requests a second, 80% of the budget of 5')
    const decoded = await penstock('agent', 'decode', '41AC', '0000', '--like', '21.5', '--language', 'en')
    expect(decoded.stdout).toMatch(/float32 +ABCD +21\.5 +plausible/)
    const completion = await penstock('agent', 'completion', 'bash')
    expect(await readFile(inside('usr/share/bash-completion/completions/penstock'), 'utf8')).toBe(completion.stdout)
    const pki = join(await temporaryFolder(), 'pki')
    const founded = await penstock('pki', 'init', '--folder', pki, '--language', 'en')
    expect(founded.stdout).toContain('Founded')
    expect(await readdir(pki)).toEqual(expect.arrayContaining(['ca.crt', 'crl.pem', 'mosquitto.acl']))
  })

  it('reads OPC UA: the library for it is inside and comes when it is needed', async () => {
    const folder = await temporaryFolder()
    const example = await readFile(inside('usr/share/doc/penstock-agent/examples/agent.opcua.yaml'), 'utf8')
    const file = join(folder, 'agent.yaml')
    await writeFile(file, example.replace('127.0.0.1:4840', `127.0.0.1:${await freePort()}`).replace('/var/lib/penstock', folder))
    const checked = await penstock('agent', 'check', '-c', file, '--language', 'en')
    expect(checked.stdout).toContain('Aes256_Sha256_RsaPss SignAndEncrypt')
    const read = await penstock('agent', 'once', '-c', file, '--json').catch((error: { code: number; stdout: string }) => error)
    expect(read).toMatchObject({ code: 1 })
    expect(JSON.parse(read.stdout)).toMatchObject({ good: 0, bad: 1 })
    // The certificate of the agent itself is made by the library.
    expect(await readdir(join(folder, 'opcua/own'))).toEqual(expect.arrayContaining(['certificate.pem', 'key.pem']))
  })

  it('knows makes of devices, and brings the pages that tell of them', async () => {
    const profiles = (await readdir(inside('usr/lib/penstock/agent/profiles'))).filter((name) => name.endsWith('.yaml'))
    expect(profiles).toEqual(await readdir(join(root, 'agent/profiles')))
    const serial = await penstock('agent', 'check', '-c', inside('usr/share/doc/penstock-agent/examples/agent.serial.yaml'))
    expect(serial.stdout).toContain('spirax-sarco-tva')
    const guides = join(inside('usr/share/doc/penstock-agent/guides'), 'en')
    const pages = (await readdir(guides)).map((name) => join(guides, name))
    expect(pages.length).toBeGreaterThan(3)
    expect(await deadLinks([...pages, ...pages.map((page) => page.replace('guides/en', 'guides/zh-CN'))])).toEqual([])
  })

  it('lets the service write where its examples keep their files', async () => {
    const unit = await readFile(inside('lib/systemd/system/penstock-agent.service'), 'utf8')
    expect(unit).toContain('StateDirectory=penstock\n')
    for (const name of ['agent.yaml', 'agent.serial.yaml', 'agent.opcua.yaml'])
      expect(await readFile(inside(`usr/share/doc/penstock-agent/examples/${name}`), 'utf8')).toContain(
        'file: /var/lib/penstock/outbox.db\n'
      )
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
    expect(text).toContain('\nExecReload=/bin/kill -HUP $MAINPID\n')
    expect(existsSync(inside(/^Documentation=file:\/(.*)$/m.exec(text)?.[1] ?? 'nothing'))).toBe(true)
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit])
    const dropIns = ['serial.conf', 'credentials.conf'].map((name) => inside(`usr/share/doc/penstock-agent/examples/${name}`))
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'penstock-agent.service.d'))
    await cp(unit, join(folder, 'penstock-agent.service'))
    for (const file of dropIns) await cp(file, join(folder, 'penstock-agent.service.d', basename(file)))
    // A fault comes with the place of the file; that the command is not yet installed comes without.
    const verified = await run('systemd-analyze', ['verify', '--man=no', join(folder, 'penstock-agent.service')]).catch(
      (error: { stderr: string }) => error
    )
    expect(verified.stderr.split('\n').filter((line) => line.includes(folder))).toEqual([])
    const score = Number(/exposure level for [^:]*: ([\d.]+)/.exec(stdout)?.[1])
    expect(score).toBeLessThanOrEqual(2)
  })
})
