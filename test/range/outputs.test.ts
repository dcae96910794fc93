// Where `penstock range` writes: never over what it reads, never in the place of a pipe or a link, and nothing half done is left.
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { placeFor } from '../../range/output-place.ts'
import { startCommand } from '../parts/command.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

// Processes that play scenarios take long on a machine that others use too.
vi.setConfig({ testTimeout: 120_000 })

const QUIET = 'scanMs: 1000\nlasts: "00:02"\n'

async function folderOf(files: Record<string, string>): Promise<(name: string) => string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return (name) => join(folder, name)
}

const range = (...words: string[]) => startCommand(['--language', 'en', 'range', ...words])

describe('the place of an output', () => {
  it('is beside its name until it is whole', async () => {
    const at = await folderOf({ 'a.csv': 'before' })
    const place = await placeFor(at('a.csv'))
    writeFileSync(place.path, 'after')
    expect(readFileSync(at('a.csv'), 'utf8')).toBe('before')
    await place.keep()
    await place.drop()
    expect([readdirSync(at('.')), readFileSync(at('a.csv'), 'utf8')]).toEqual([['a.csv'], 'after'])
  })

  it('leaves nothing when it is dropped', async () => {
    const at = await folderOf({})
    const place = await placeFor(at('a.csv'))
    writeFileSync(place.path, 'half')
    await place.drop()
    expect(readdirSync(at('.'))).toEqual([])
  })

  it.each([
    ['something', ['real']],
    ['nothing yet', []]
  ])('is behind a link to %s, which stays one', async (_, there) => {
    const at = await folderOf(Object.fromEntries(there.map((name) => [name, 'before'])))
    symlinkSync('real', at('link'))
    const place = await placeFor(at('link'))
    writeFileSync(place.path, 'after')
    await place.keep()
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true)
    expect(readFileSync(at('real'), 'utf8')).toBe('after')
  })

  it('is a pipe itself', async () => {
    const at = await folderOf({ 'calm.yaml': QUIET })
    execFileSync('mkfifo', [at('pipe')])
    const [text, code] = await Promise.all([readFile(at('pipe'), 'utf8'), range('record', at('calm.yaml'), '-o', at('pipe')).ended])
    expect(code).toBe(0)
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ scenario: 'calm' })
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true)
    expect(readdirSync(at('.')).sort()).toEqual(['calm.yaml', 'pipe'])
  })

  it('is no folder', async () => {
    const at = await folderOf({})
    await expect(placeFor(at('.'))).rejects.toMatchObject({ code: 'EISDIR' })
  })
})

describe('outputs', () => {
  it.each([
    ['run', ['run', 'own.yaml', '--json', 'own.yaml']],
    ['run', ['run', 'own.yaml', '--json', 'b', '--html', 'b']],
    ['record', ['record', 'own.yaml', '-o', 'own.yaml']],
    ['judge', ['judge', 'own.yaml', '--junit', 'own.yaml']],
    ['export', ['export', 'own.yaml', '-o', 'own.yaml']]
  ])('of %s are looked at before anything is done: %j', async (_, words) => {
    const at = await folderOf({ 'own.yaml': QUIET })
    const command = range(...words.map((word, i) => (i > 0 && !word.startsWith('-') ? at(word) : word)))
    expect(await command.ended).toBe(2)
    expect(command.stderr).toMatch(/is read, and would be overwritten|is asked for as two outputs/)
    expect([readdirSync(at('.')), readFileSync(at('own.yaml'), 'utf8')]).toEqual([['own.yaml'], QUIET])
  })
})

describe('at a Ctrl-C', () => {
  it('nothing is left of a recording that is not whole, nor at a second one', async () => {
    const at = await folderOf({ 'long.yaml': 'scanMs: 10\nlasts: "05:00"\n' })
    for (const times of [1, 2]) {
      const command = range('record', at('long.yaml'), '-o', at('r.jsonl.zst'))
      await until(() => readdirSync(at('.')).length === 2, { what: 'the recording', timeoutMs: 60_000 })
      for (let i = 0; i < times; i++) command.child.kill('SIGINT')
      expect({ code: await command.ended, said: command.stderr }).toEqual({ code: 130, said: '' })
      expect(readdirSync(at('.'))).toEqual(['long.yaml'])
    }
  })

  it('nothing is left of an export that is not whole', async () => {
    const at = await folderOf({ 'long.yaml': 'scanMs: 1000\nlasts: "12:00"\n' })
    expect(await range('record', at('long.yaml'), '-o', at('r.jsonl.zst')).ended).toBe(0)
    const command = range('export', at('r.jsonl.zst'), '-o', at('e.csv'))
    await until(() => readdirSync(at('.')).length === 3, { what: 'the export', timeoutMs: 60_000 })
    command.child.kill('SIGTERM')
    expect({ code: await command.ended, said: command.stderr }).toEqual({ code: 130, said: '' })
    expect(existsSync(at('e.csv'))).toBe(false)
    expect(readdirSync(at('.')).sort()).toEqual(['long.yaml', 'r.jsonl.zst'])
  })
})
