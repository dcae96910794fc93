// `penstock range` as people start it: what it prints, what it refuses, and its exit codes.
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { UsageFault } from '#runtime/command-line.ts'
import { buildProgram } from '../../penstock.ts'
import { Board } from '../../range/board.ts'
import { changesBetween, nearNames } from '../../range/near-names.ts'
import { recordOne } from '../../range/run-recording.ts'
import { readThresholds, Thresholds } from '../../range/thresholds.ts'
import { runCommand, startCommand } from '../parts/command.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

// Processes and threads that play scenarios take long on a machine that others use too.
vi.setConfig({ testTimeout: 120_000 })

const SHORT = `scanMs: 1000
lasts: "00:06"
opcua: { pki: ./opcua, anonymous: observer }
timeline:
  - { at: "00:02", for: "00:02", attack: setpoint-tamper }
  - { at: "00:05", attack: endpoint-sweep }
`
const QUIET = 'scanMs: 1000\nlasts: "00:02"\n'

const range = (...words: string[]) => runCommand('--language', 'en', 'range', ...words)

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

describe('penstock range run', () => {
  it('prints the board, writes it in each form, and exits with 1 under a threshold', async () => {
    const folder = await folderOf({ 'short.yaml': SHORT, 'calm.yaml': QUIET, 'wanted.yaml': 'detectedAtLeast: 2\nfalsePerDayAtMost: 0\n' })
    const file = (name: string) => join(folder, name)
    const outputs = ['--json', file('b.json'), '--junit', file('b.xml'), '--html', file('b.html'), '--thresholds', file('wanted.yaml')]
    const { code, stdout, stderr } = await range('run', file('short.yaml'), file('calm.yaml'), ...outputs)
    expect(code).toBe(1)
    expect(stdout).toContain('Detected 1 of 1 attacks')
    expect(stdout).toContain('short: endpoint-sweep not played: needs --live')
    expect(stderr.split('\n')).toContain('All scenarios: attacks detected 1, must be at least 2')
    expect(stderr).toMatch(/\[2\/2\] .*: 0:0[26]:00, [\d.]+ s, \d+ times real time/)
    const board = Board.parse(JSON.parse(readFileSync(file('b.json'), 'utf8')))
    expect(board).toMatchObject({ mode: 'fast', notPlayed: [{ scenario: 'short', name: 'endpoint-sweep', at: 300 }] })
    expect(readFileSync(file('b.xml'), 'utf8')).toContain('tests="4" failures="1" skipped="1"')
    expect(readFileSync(file('b.html'), 'utf8')).toContain('Thresholds missed: 1')
  })

  it('tells of a scenario that failed, and what became of the others', async () => {
    const folder = await folderOf({ 'short.yaml': SHORT, 'calm.yaml': QUIET })
    const file = (name: string) => join(folder, name)
    // A recording cannot take the place of a folder.
    await mkdir(file('recordings/calm.jsonl.zst'), { recursive: true })
    const words = ['--record', file('recordings'), '--json', file('b.json'), '--junit', file('b.xml'), '--jobs', '1']
    const { code, stdout, stderr } = await range('run', file('short.yaml'), file('calm.yaml'), ...words)
    const line = expect.stringMatching(/^calm: was not played to its end and counts in no figure: .*calm\.jsonl\.zst/)
    expect({ code, told: stderr.split('\n'), board: stdout.split('\n') }).toEqual({
      ...{ code: 1, told: expect.arrayContaining([line]), board: expect.arrayContaining([line, expect.stringContaining('1 of 1 attacks')]) }
    })
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect(JSON.parse(readFileSync(file('b.json'), 'utf8'))).toMatchObject({
      ...{ scenarios: [{ scenario: 'short' }], unfinished: [{ scenario: 'calm', why: 'failed' }] }
    })
    expect(readFileSync(file('b.xml'), 'utf8')).toContain('<testsuite name="calm" tests="1" failures="1"')
  })

  it.each([['--json'], ['--junit'], ['--html'], ['--record']])('finds out before it plays that it cannot write %s', async (option) => {
    const folder = await folderOf({ 'calm.yaml': QUIET, nothing: '' })
    const place = join(folder, 'nothing', 'b')
    const { code, stderr } = await range('run', join(folder, 'calm.yaml'), option, place)
    expect({ code, stderr }).toEqual({ code: 1, stderr: `${place} cannot be written (ENOTDIR)\n` })
  })

  it('exits with 0 when all is reached', async () => {
    const folder = await folderOf({ 'calm.yaml': QUIET, 'wanted.yaml': 'falsePerDayAtMost: 0\n' })
    const { code, stderr } = await range('run', join(folder, 'calm.yaml'), '--thresholds', join(folder, 'wanted.yaml'))
    expect({ code, missed: stderr.includes('must be') }).toEqual({ code: 0, missed: false })
  })

  it.each([[], ['--live']])('tells all faults with their lines and starts nothing %j', async (...live) => {
    const folder = await folderOf({ 'bad.yaml': 'plant: water\nseed: -1\nlasts: soon\n' })
    const { code, stdout, stderr } = await range('run', 'setpoint-tampr', join(folder, 'bad.yaml'), ...live)
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
    expect(stderr).toContain('setpoint-tampr:1:1: there is no scenario with that file or name; did you mean setpoint-tamper?')
    expect(stderr).toMatch(/bad\.yaml:2:\d+ seed/)
    expect(stderr).toMatch(/bad\.yaml:3:\d+ lasts/)
    expect(stderr).not.toContain('real time')
  })

  it('tells faults of thresholds before the first scenario', async () => {
    const folder = await folderOf({ 'wanted.yaml': 'detected: 3\n' })
    const { code, stderr } = await range('run', 'quiet-day', '--thresholds', join(folder, 'wanted.yaml'))
    expect(code).toBe(78)
    expect(stderr).toMatch(/wanted\.yaml:1:1 /)
    expect(stderr).not.toContain('real time')
  })

  it.each([
    ['run', 'quiet-day', '--speed', '2'],
    ['run', 'quiet-day', '--for', '00:10'],
    ['run', 'quiet-day', '--live', '--fast'],
    ['run', 'quiet-day', '--live', '--record', 'x'],
    ['run', 'quiet-day', '--live', '--jobs', '2'],
    ['run', 'quiet-day', '--live', '--speed', '0'],
    ['run', 'quiet-day', '--live', '--for', '10'],
    ['run', 'quiet-day', '--live', '--broker', 'emqx'],
    ['run']
  ])('refuses what makes no sense: %s %s %s %s %s', async (...words) => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const program = await buildProgram('en', (part) => part === 'range')
    const fault = await program.parseAsync(['node', 'penstock', 'range', ...words]).catch((error: unknown) => error)
    said.mockRestore()
    // Either is told in a line, and exits with 2.
    expect(fault instanceof CommanderError || fault instanceof UsageFault).toBe(true)
  })

  it('keeps at a Ctrl-C what it has played', async () => {
    const folder = await folderOf({
      'short.yaml': SHORT,
      'long.yaml': 'scanMs: 10\nlasts: "05:00"\n',
      'wanted.yaml': 'detectedAtLeast: 9\n'
    })
    const file = (name: string) => join(folder, name)
    const words = ['run', file('long.yaml'), file('short.yaml'), '--json', file('b.json'), '--thresholds', file('wanted.yaml')]
    const command = startCommand(['--language', 'en', 'range', ...words])
    await until(() => command.stderr.includes('[1/2]'), { what: 'the first scenario', timeoutMs: 60_000 })
    command.child.kill('SIGINT')
    expect(await command.ended).toBe(130)
    expect(command.stderr.trim().split('\n').slice(1)).toEqual(['interrupted, 1 of 2 played'])
    expect(command.stdout).toContain('Detected 1 of 1 attacks')
    const cut = { scenario: 'long', why: 'interrupted' }
    expect(JSON.parse(readFileSync(file('b.json'), 'utf8'))).toMatchObject({ scenarios: [{ scenario: 'short' }], unfinished: [cut] })
  })

  it('ends quietly with 130 at a Ctrl-C, without half a recording', async () => {
    const folder = await folderOf({ 'long.yaml': 'scanMs: 10\nlasts: "05:00"\n' })
    const record = join(folder, 'recordings')
    const command = startCommand(['--language', 'en', 'range', 'run', join(folder, 'long.yaml'), '--record', record])
    await until(() => readdirSync(record).length === 1, { what: 'the recording', timeoutMs: 60_000 })
    command.child.kill('SIGINT')
    expect(await command.ended).toBe(130)
    expect({ said: command.stderr, printed: command.stdout, left: readdirSync(record) }).toEqual({ said: '', printed: '', left: [] })
  })
})

describe('penstock range check', () => {
  it('finds all scenarios sound that come with it', async () => {
    const { code, stdout } = await range('check', '--all')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d{2} scenarios are sound\n$/)
  })
})

describe('penstock range list', () => {
  it('is plain data with --json', async () => {
    const { code, stdout } = await range('list', '--json')
    const list = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(list.scenarios.find(({ name }: { name: string }) => name === 'water-opcua')).toMatchObject({ plants: ['water'], seconds: 1800 })
    expect(list.attacks.find(({ name }: { name: string }) => name === 'endpoint-sweep')).toMatchObject({
      technique: 'T0846',
      needs: ['opcua']
    })
    expect(list.faults.map(({ name }: { name: string }) => name)).toContain('comms-loss')
  })
})

describe('penstock range record, judge and export', () => {
  it('write a recording, the same board from it, and a table of it', async () => {
    const folder = await folderOf({ 'short.yaml': SHORT })
    const file = (name: string) => join(folder, name)
    expect(await range('record', file('short.yaml'), '-o', file('s.jsonl.zst'))).toMatchObject({ code: 0 })
    const judged = await range('judge', file('s.jsonl.zst'), '--json', file('b.json'))
    expect(judged).toMatchObject({ code: 0, stdout: expect.stringContaining('Detected 1 of 1 attacks') })
    expect(judged.stdout).toContain('short: endpoint-sweep not played: needs --live')
    const csv = await range('export', file('s.jsonl.zst'), '-o', file('s.csv'))
    expect(csv.stdout).toBe(`${file('s.csv')}: 361 lines, 0 samples left out\n`)
    const [head, ...rows] = readFileSync(file('s.csv'), 'utf8').trimEnd().split('\r\n')
    expect(head).toMatch(/^time,tower\.level,.*,label$/)
    expect(rows.filter((row) => row.endsWith(',setpoint-tamper'))).toHaveLength(120)
    const lines = await range('export', file('s.jsonl.zst'), '--jsonl')
    expect(JSON.parse(lines.stdout.split('\n')[0] ?? '')).toMatchObject({ agent: 'edge-1', quality: 'good' })
  })
})

describe('an export to standard output', () => {
  const recorded = async () => {
    const folder = await folderOf({ 'short.yaml': SHORT })
    await recordOne({ wanted: join(folder, 'short.yaml'), output: join(folder, 's.jsonl'), language: 'en' })
    return ['--language', 'en', 'range', 'export', join(folder, 's.jsonl'), '--jsonl']
  }

  it('ends quietly when its reader goes away', async () => {
    const command = startCommand(await recorded())
    command.child.stdout?.destroy()
    expect({ code: await command.ended, said: command.stderr }).toEqual({ code: 0, said: '' })
  })

  it('says that the disk is full', async () => {
    const command = startCommand(await recorded(), {}, { into: '/dev/full' })
    expect({ code: await command.ended, said: command.stderr }).toEqual({ code: 1, said: 'standard output cannot be written (ENOSPC)\n' })
  })
})

describe('the example of thresholds', () => {
  const file = new URL('../../deploy/examples/range-thresholds.yaml', import.meta.url).pathname

  it('is right as it stands, and shows every key', async () => {
    const thresholds = await readThresholds({ file, language: 'en' })
    expect(Object.keys(thresholds).sort()).toEqual(Object.keys(Thresholds.shape).sort())
    expect(thresholds.scenarios['quiet-day']).toEqual({ falseAtMost: 0 })
  })

  it('has a comment before each group of lines', () => {
    const comments = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('# '))
    expect(comments.length).toBeGreaterThan(10)
  })
})

describe('names that are close', () => {
  it('have few letters to change, or the word in them', () => {
    expect(changesBetween('kitten', 'sitting')).toBe(3)
    expect(nearNames('Heat-rouge-master', ['heat-rogue-master', 'quiet-day'])).toEqual(['heat-rogue-master'])
    expect(nearNames('denial', ['water-denial', 'water-hammer'])).toEqual(['water-denial'])
    expect(nearNames('x'.repeat(5000), ['x'.repeat(90)])).toEqual(['x'.repeat(90)])
    expect(nearNames('no', ['water-denial'])).toEqual([])
  })
})
