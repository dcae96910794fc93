// Order of start and stop, deadlines, and what signals and faults do to a real process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { type Part, runParts } from '#runtime/lifecycle.ts'
import { createLog, quietLog } from '#runtime/log.ts'
import { until } from '../parts/wait.ts'

function recorder() {
  const events: string[] = []
  const part = (name: string, odd: Partial<Part> = {}): Part => ({
    name,
    async start() {
      events.push(`start ${name}`)
      await odd.start?.()
    },
    async stop() {
      events.push(`stop ${name}`)
      await odd.stop?.()
    }
  })
  return { events, part }
}

const never = () => new Promise<void>(() => undefined)

describe('in one process', () => {
  test('parts start in order and stop in reverse, once', async () => {
    const { events, part } = recorder()
    const running = await runParts({ parts: [part('a'), part('b'), part('c')], log: quietLog(), signals: false })
    await Promise.all([running.stop('first'), running.stop('second'), running.stopped])
    expect(events).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a'])
  })

  test('a part that does not start stops those before it and is told', async () => {
    const { events, part } = recorder()
    const broken = part('b', { start: () => Promise.reject(new Error('port taken')) })
    await expect(runParts({ parts: [part('a'), broken, part('c')], log: quietLog(), signals: false })).rejects.toThrow('port taken')
    expect(events).toEqual(['start a', 'start b', 'stop a'])
  })

  test('a part that throws instead of rejecting is no different', async () => {
    const { events, part } = recorder()
    const rude: Part = {
      name: 'rude',
      start() {
        throw new Error('thrown')
      },
      stop: never
    }
    await expect(runParts({ parts: [part('a'), rude], log: quietLog(), signals: false })).rejects.toThrow('thrown')
    expect(events).toEqual(['start a', 'stop a'])
  })

  test('a part that fails to stop, or hangs, does not keep the others', async () => {
    const { events, part } = recorder()
    const lines: string[] = []
    const parts = [part('a'), part('hangs', { stop: never }), part('fails', { stop: () => Promise.reject(new Error('no')) })]
    const log = createLog({ name: 'test', destination: { write: (line) => lines.push(line) } })
    const running = await runParts({ parts, log, deadlineMs: 100, signals: false })
    await running.stop('test')
    expect(events).toEqual(['start a', 'start hangs', 'start fails', 'stop fails', 'stop hangs', 'stop a'])
    const errors = lines.map((line) => JSON.parse(line)).filter((line) => line.level === 'error')
    expect(errors.map((line) => line.part)).toEqual(['fails', 'hangs'])
  })
})

describe('as a process', () => {
  let child: ChildProcess | undefined
  afterEach(() => child?.kill('SIGKILL'))

  async function run(behaviour: string) {
    const program = fileURLToPath(new URL('./programs/life.ts', import.meta.url))
    const process_ = spawn(process.execPath, [program, behaviour], { stdio: ['ignore', 'pipe', 'pipe'] })
    child = process_
    let told = ''
    process_.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      told += chunk
    })
    const log = text(process_.stderr)
    const exit = once(process_, 'exit')
    return { process: process_, log, exit, told: () => told, tells: (what: string) => until(() => told.includes(what), { what }) }
  }

  test.for(['SIGTERM', 'SIGINT'] as const)('%s stops it in order with exit code 0, whatever is still open', async (signal) => {
    const life = await run('well')
    await life.tells('running')
    life.process.kill(signal)
    expect(await life.exit).toEqual([0, null])
    expect(life.told()).toBe('first starts\nsecond starts\nrunning\nsecond stops\nfirst stops\n')
  })

  test('a signal during the start stops what has started', async () => {
    const life = await run('slow-start')
    await life.tells('second starts')
    life.process.kill('SIGTERM')
    expect(await life.exit).toEqual([0, null])
    expect(life.told()).toContain('second stops\nfirst stops\n')
  })

  test('a part that hangs is named, and the process ends with 1 at the deadline', async () => {
    const life = await run('hangs')
    await life.tells('running')
    life.process.kill('SIGTERM')
    expect(await life.exit).toEqual([1, null])
    expect(life.told()).toContain('first stops')
    expect(await life.log).toMatch(/"part":"second".*did not stop in time/)
  })

  test('a second signal ends it at once', async () => {
    const life = await run('hangs')
    await life.tells('running')
    life.process.kill('SIGTERM')
    await life.tells('second stops')
    life.process.kill('SIGINT')
    expect(await life.exit).toEqual([1, null])
  })

  test('a part that fails to stop makes the exit code 1', async () => {
    const life = await run('fails')
    await life.tells('running')
    life.process.kill('SIGTERM')
    expect(await life.exit).toEqual([1, null])
    expect(life.told()).toContain('first stops')
  })

  test.for([
    ['throws', 'SyntaxError'],
    ['rejects', 'nobody caught me']
  ] as const)(
    'a fault that nobody caught (%s) stops the parts, is logged with its stack, and ends with 1',
    async ([behaviour, message]) => {
      const life = await run(behaviour)
      expect(await life.exit).toEqual([1, null])
      expect(life.told()).toContain('second stops\nfirst stops\n')
      const log = await life.log
      expect(log).toContain(message)
      expect(log).toContain('life.ts')
    }
  )
})
