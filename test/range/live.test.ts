// A live run with real sockets, a real Mosquitto, and agent and collector as real processes: it sees what was played, and leaves
// nothing behind however it ends.
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LiveOptions, playLive } from '../../range/live.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { startCommand } from '../parts/command.ts'
import { temporaryFolder, until } from '../parts/wait.ts'
import { childrenOf, isAlive } from './process-parts.ts'

const WITHIN = { timeout: 180_000 }
const SCENARIO = {
  ...{ seed: 7, lasts: '00:00:30', modbus: { unit: 5, framing: 'rtu-over-tcp' } },
  timeline: [
    { at: '00:00:04', for: '00:00:20', attack: 'setpoint-tamper' },
    { at: '00:00:20', for: '00:00:10', attack: 'agent-clock-shifted' },
    // Still going on when the run ends.
    { at: '00:00:28', attack: 'agent-stopped' }
  ]
}

afterEach(() => {
  vi.unstubAllEnvs()
})

async function play(more: Partial<LiveOptions>) {
  // All that a run puts down goes here.
  const folder = await temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  const kept: string[] = []
  const children = new Set<number>()
  const outcome = await playLive({
    ...{ name: 'tiny', scenario: Scenario.parse(SCENARIO), seconds: 30, speed: 4, graceSeconds: 60, trends: true },
    ...{ onKept: (path: string) => kept.push(path), signal: new AbortController().signal },
    ...more,
    onProgress: (seconds) => {
      for (const pid of childrenOf(process.pid)) children.add(pid)
      more.onProgress?.(seconds)
    }
  }).catch((fault: unknown) => fault)
  return { outcome, kept, left: readdirSync(folder), alive: [...children].filter(isAlive), children: children.size }
}

describe('a live run', () => {
  it('detects a tampered setpoint on the time line of the plant, and leaves nothing behind', WITHIN, async () => {
    const brokers: string[] = []
    const { outcome, kept, left, alive, children } = await play({ onBroker: (kind) => brokers.push(kind) })
    expect(outcome).toMatchObject({
      score: { attacks: [{ name: 'setpoint-tamper', detected: true, techniqueRight: true, named: true }, { name: 'agent-stopped' }] },
      notPlayed: [{ name: 'agent-clock-shifted', reason: { en: expect.stringContaining('needs --fast') } }],
      broker: 'mosquitto',
      unscored: 0
    })
    expect({ brokers, kept, left, alive }).toEqual({ brokers: ['mosquitto'], kept: [], left: [], alive: [] })
    expect(children).toBeGreaterThanOrEqual(3)
    const { score, labels, trends } = outcome as Exclude<Awaited<ReturnType<typeof playLive>>, Error>
    // Where the timeline has it; a slow machine looks there late.
    const [label] = labels
    expect((label?.start ?? 0) - score.start).toBeGreaterThanOrEqual(3999)
    expect((label?.start ?? 0) - score.start).toBeLessThan(30_000)
    expect(score.end - score.start).toBe(30_000)
    const drawn = trends.find(({ tag }) => tag === 'chlorine.setpoint')?.points ?? []
    expect(drawn.every(([time]) => time >= score.start && time <= score.end + 1000)).toBe(true)
    expect(new Set(drawn.map(([, low]) => low)).size).toBeGreaterThan(1)
  })

  it('ends with its reason when a part is lost, and keeps the logs', WITHIN, async () => {
    const { outcome, kept, alive } = await play({
      broker: 'embedded',
      onProgress: () => {
        for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL')
      }
    })
    expect(outcome).toMatchObject({ code: 'LIVE_FAULT', message: expect.stringContaining('has ended by itself') })
    expect(kept).toHaveLength(1)
    // No password, key or account is kept with them.
    expect(readdirSync(kept[0] ?? '').sort()).toEqual(['agent.log', 'agent.yaml', 'collector.log', 'collector.yaml'])
    expect(alive).toEqual([])
  })
})

describe('penstock range run --live', () => {
  it.each([1, 2])('ends quietly with 130 at Ctrl-C number %i, without children or files', WITHIN, async (presses) => {
    const folder = await temporaryFolder()
    const file = join(await temporaryFolder(), 'tiny.yaml')
    await writeFile(file, JSON.stringify(SCENARIO))
    const words = ['--language', 'en', 'range', 'run', file, '--live', '--speed', '0.1']
    const command = startCommand(words, { TMPDIR: folder })
    await until(() => command.stderr.includes('broker: Mosquitto') && childrenOf(command.child.pid ?? 0).length === 3, {
      ...{ what: 'broker, collector and agent', timeoutMs: 90_000 }
    })
    const children = childrenOf(command.child.pid ?? 0)
    for (let i = 0; i < presses; i++) command.child.kill('SIGINT')
    expect(await command.ended).toBe(130)
    await until(() => !children.some(isAlive), { what: 'the end of all children' })
    expect({ said: command.stderr.trim().split('\n'), printed: command.stdout }).toEqual({ said: ['broker: Mosquitto'], printed: '' })
    expect(
      readdirSync(folder).filter((name) => existsSync(join(folder, name, 'collector.yaml')) || name.startsWith('penstock-range'))
    ).toEqual([])
  })
})
