// Files that `penstock simulate` writes: what was there before stays until everything has started, and nothing is left of a start
// that failed.
import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLog, quietLog } from '#runtime/log.ts'
import { PcapTap } from '../../simulators/plc/pcap-tap.ts'
import { ViewLog } from '../../simulators/view-log.ts'
import { runCommand, startCommand } from '../parts/command.ts'
import { temporaryFolder } from '../parts/wait.ts'

const PCAP_START = 'd4c3b2a1'
const startOf = (bytes: Buffer): string => bytes.subarray(0, 4).toString('hex')

async function takenPort(): Promise<Disposable & { port: number }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, [Symbol.dispose]: () => server.close() }
}

describe('files of a simulator', () => {
  it('stay as they were when a port is taken, and none is left that was not there', async () => {
    using taken = await takenPort()
    const folder = await temporaryFolder()
    const [pcap, labels] = [join(folder, 'old.pcap'), join(folder, 'old.jsonl')]
    for (const file of [pcap, labels]) writeFileSync(file, 'what was there')
    for (const where of ['--modbus', '--web'])
      for (const files of [
        [pcap, labels],
        [join(folder, 'new.pcap'), join(folder, 'new.jsonl')]
      ] as const) {
        const listens = where === '--web' ? ['--modbus', ':0', '--web', `:${taken.port}`] : ['--modbus', `:${taken.port}`]
        const { code, stderr } = await runCommand('simulate', 'water', ...listens, '--pcap', files[0], '--labels', files[1])
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(String(taken.port)) })
      }
    expect(readdirSync(folder).sort()).toEqual(['old.jsonl', 'old.pcap'])
    for (const file of [pcap, labels]) expect(readFileSync(file, 'utf8')).toBe('what was there')
  })

  it('are replaced or written to once all has started, through a link too', async () => {
    const folder = await temporaryFolder()
    const [pcap, link, labels] = [join(folder, 'old.pcap'), join(folder, 'link'), join(folder, 'new.jsonl')]
    writeFileSync(pcap, Buffer.alloc(1_000_000, 'x'))
    symlinkSync(pcap, link)
    const { code, stderr } = await runCommand(
      ...['simulate', 'water', '--modbus', ':0', '--speed', '20', '--for', '00:00:20', '--pcap', link, '--labels', labels]
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    const bytes = readFileSync(pcap)
    expect(startOf(bytes)).toBe(PCAP_START)
    expect(bytes.length).toBeLessThan(1_000_000)
    expect(readFileSync(labels, 'utf8')).toBe('')
  })

  it.each([
    ['--pcap', 'own.yaml', 'is read, and would be overwritten'],
    ['--labels', 'p.pcap', 'is asked for as two outputs']
  ])('replace neither the scenario nor each other: %s %s', async (option, name, why) => {
    const folder = await temporaryFolder()
    const [own, file] = [join(folder, 'own.yaml'), join(folder, name)]
    writeFileSync(own, 'plant: water\n')
    const more = option === '--labels' ? ['--pcap', file] : []
    const { code, stderr } = await runCommand('--language', 'en', 'simulate', '-c', own, '--modbus', ':0', option, file, ...more)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) })
    expect([readdirSync(folder), readFileSync(own, 'utf8')]).toEqual([['own.yaml'], 'plant: water\n'])
  })

  it('are told before anything starts when they cannot be written', async () => {
    const folder = await temporaryFolder()
    for (const option of ['--pcap', '--labels']) {
      const { code, stdout, stderr } = await runCommand('simulate', 'water', '--modbus', ':0', option, join(folder, 'none', 'file'))
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('none') })
      expect(stdout).not.toContain('The PLC answers')
    }
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a capture', () => {
  const exchange = { client: '10.0.0.1', server: '10.0.0.2', unit: 1, connection: 1, request: Buffer.of(3, 0, 0, 0, 1), reply: null }

  it('has what came before all had started, and leaves what was there until then', async () => {
    const path = join(await temporaryFolder(), 'town.pcap')
    writeFileSync(path, 'what was there')
    const tap = new PcapTap({ path, maxBytes: 1e7, log: quietLog() })
    await tap.start()
    const { onExchange } = tap.observer('tcp')
    for (let connection = 0; connection < 2000; connection++) onExchange?.({ ...exchange, connection })
    expect(readFileSync(path, 'utf8')).toBe('what was there')
    tap.begin()
    await tap.stop()
    // Each of 2000 connections: a handshake of three packets, a request and its acknowledgement, an end of three.
    const tshark = execFileSync('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.number'], {
      ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000, maxBuffer: 1e7 }
    })
    expect(tshark.trim().split('\n')).toHaveLength(16_000)
  })

  it('that never began touches nothing', async () => {
    const path = join(await temporaryFolder(), 'town.pcap')
    writeFileSync(path, 'what was there')
    const lines: string[] = []
    const log = createLog({ name: 'test', destination: { write: (line: string) => void lines.push(line) } })
    const tap = new PcapTap({ path, maxBytes: 1e7, log })
    await tap.start()
    tap.observer('tcp').onExchange?.(exchange)
    await tap.stop()
    expect(readFileSync(path, 'utf8')).toBe('what was there')
    expect(lines).toEqual([])
  })

  it('goes into a pipe', async () => {
    const path = join(await temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [path])
    const read = readFile(path)
    const { code } = await runCommand('simulate', 'water', '--modbus', ':0', '--for', '00:00:01', '--pcap', path)
    expect(code).toBe(0)
    expect(startOf(await read)).toBe(PCAP_START)
    expect(lstatSync(path).isFIFO()).toBe(true)
  })
})

describe('the log of the view', () => {
  async function kept(write: (log: ReturnType<typeof createLog>) => void): Promise<{ said: string; file: string }> {
    const said: string[] = []
    const viewLog = new ViewLog({ language: 'en', out: { write: (text: string) => said.push(text) } })
    const log = createLog({ name: 'test', destination: viewLog })
    await viewLog.start()
    log.info('Life.')
    expect(readFileSync(viewLog.file, 'utf8')).toContain('Life.')
    write(log)
    await viewLog.stop()
    log.info('Stopped.')
    return { said: said.join(''), file: viewLog.file }
  }

  it('goes when nothing in it needs a look', async () => {
    const { said, file } = await kept((log) => log.info({ err: new Error('"level":"error"') }, '{"level":"warn"'))
    expect({ said, status: lstatSync(file, { throwIfNoEntry: false }) }).toEqual({ said: '', status: undefined })
  })

  it.each(['warn', 'error', 'fatal'] as const)('stays with a line of %s, and is told', async (level) => {
    const { said, file } = await kept((log) => log[level]('Look.'))
    expect(said).toBe(`the log holds warnings or errors: ${file}\n`)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3)
    rmSync(file)
  })

  it('leaves nothing behind when a simulator ends in peace', async () => {
    const folder = await temporaryFolder()
    const simulator = startCommand(['simulate', 'water', '--modbus', ':0', '--view', '--for', '00:00:01'], { TMPDIR: folder })
    expect(await simulator.ended).toBe(0)
    expect(simulator.stderr).toBe('')
    expect(readdirSync(folder)).toEqual([])
  })
})
