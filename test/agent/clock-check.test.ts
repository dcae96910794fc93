// Whether the clock of the machine is known to be right, with a time server and without one.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { ClockCheck, ClockConfig, type ClockState } from '../../agent/clock-check.ts'
import { until } from '../parts/wait.ts'
import { answerTo, startTimeServer } from './time-server.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'penstock-clock-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function stateWhen(check: ClockCheck, ready: (state: ClockState) => boolean): Promise<ClockState> {
  const stop = new AbortController()
  const running = check.run(stop.signal)
  try {
    await until(() => ready(check.state), { what: 'the state of the clock' })
    return check.state
  } finally {
    stop.abort()
    await running
  }
}

describe('with a time server', () => {
  const withServer = (port: number) =>
    new ClockCheck({ config: ClockConfig.parse({ server: `127.0.0.1:${port}` }), log: quietLog(), timeoutMs: 5000, root })

  it('the offset is told and judged', async () => {
    await using right = await startTimeServer((question) => [answerTo(question, {})])
    expect((await stateWhen(withServer(right.port), ({ offsetMs }) => offsetMs !== null)).synchronised).toBe(true)
    await using ahead = await startTimeServer((question) => [answerTo(question, { receivedAt: Date.now() + 30_000 })])
    const state = await stateWhen(withServer(ahead.port), ({ offsetMs }) => offsetMs !== null)
    expect(state.synchronised).toBe(false)
    expect(state.offsetMs).toBeGreaterThan(-31_000)
    expect(state.offsetMs).toBeLessThan(-28_000)
  })

  it('nothing is known when it refuses, and it is asked no more for now', async () => {
    await using server = await startTimeServer((question) => [answerTo(question, { stratum: 0, code: 'DENY' })])
    const check = withServer(server.port)
    await stateWhen(check, () => server.asked.length > 0)
    expect(check.state).toEqual({ synchronised: null, offsetMs: null })
    expect(server.asked).toHaveLength(1)
  })
})

describe('without a time server', () => {
  const look = () => new ClockCheck({ config: undefined, log: quietLog(), root })
  const seen = async (ready: (state: ClockState) => boolean) => (await stateWhen(look(), ready)).synchronised

  it('nobody knows where nothing keeps the clock', async () => {
    const check = look()
    const stop = new AbortController()
    const running = check.run(stop.signal)
    stop.abort()
    await running
    expect(check.state).toEqual({ synchronised: null, offsetMs: null })
  })

  it('systemd-timesyncd tells by its files', async () => {
    mkdirSync(join(root, 'run/systemd/timesync'), { recursive: true })
    expect(await seen(({ synchronised }) => synchronised !== null)).toBe(false)
    writeFileSync(join(root, 'run/systemd/timesync/synchronized'), '')
    expect(await seen(({ synchronised }) => synchronised !== null)).toBe(true)
  })

  it('chrony tells by a drift file that it still writes', async () => {
    mkdirSync(join(root, 'var/lib/chrony'), { recursive: true })
    const file = join(root, 'var/lib/chrony/chrony.drift')
    writeFileSync(file, '')
    expect(await seen(({ synchronised }) => synchronised !== null)).toBe(true)
    const lastWeek = new Date(Date.now() - 7 * 86_400_000)
    utimesSync(file, lastWeek, lastWeek)
    mkdirSync(join(root, 'run/systemd/timesync'), { recursive: true })
    expect(await seen(({ synchronised }) => synchronised !== null)).toBe(false)
  })
})

describe('the config', () => {
  it('takes names and addresses, with or without a port', () => {
    for (const server of ['ntp.example.org', '10.0.0.1:1123', '[fd00::1]', '[fd00::1]:123'])
      expect(ClockConfig.safeParse({ server }).success).toBe(true)
    for (const server of ['', 'a b', 'host:0', 'host:70000', 'fd00::1', 'ntp://host'])
      expect(ClockConfig.safeParse({ server }).success).toBe(false)
  })
})
