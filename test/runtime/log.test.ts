// No secret may reach the log, by whatever way it comes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLog, quietLog } from '#runtime/log.ts'
import { temporaryFolder } from '../parts/wait.ts'

test('secrets are covered, three levels deep, and errors tell only what they are', () => {
  const lines: string[] = []
  const log = createLog({ name: 'agent', destination: { write: (line) => lines.push(line) } })
  log.info({ password: 'hunter2', broker: { password: 'hunter2', headers: { authorization: 'Basic hunter2' } } }, 'Connecting.')
  const request = Object.assign(new Error('refused'), { code: 'E_NO', req: { headers: 'hunter2' }, options: { auth: 'hunter2' } })
  log.error({ err: new Error('not stored', { cause: request }) }, 'The store is away.')
  log.child({ token: 'hunter2' }).warn('Odd.')
  expect(lines.join('')).not.toContain('hunter2')
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    level: 'error',
    name: 'agent',
    msg: 'The store is away.',
    err: { message: 'not stored', stack: expect.any(String), cause: { message: 'refused', code: 'E_NO' } }
  })
})

test('what is thrown need not be an error', () => {
  const lines: string[] = []
  createLog({ name: 'agent', destination: { write: (line) => lines.push(line) } }).error({ err: 'just a string' }, 'Odd.')
  expect(lines[0]).toContain('just a string')
})

test('a log file is written at once, in a folder that need not exist', async () => {
  const file = join(await temporaryFolder(), 'logs', 'demo.log')
  const log = createLog({ name: 'demo', level: 'debug', destination: { file } })
  log.debug({ port: 1502 }, 'Listening.')
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ level: 'debug', port: 1502, msg: 'Listening.' })
})

test('the quiet log says nothing', () => {
  expect(quietLog().isLevelEnabled('fatal')).toBe(false)
})
