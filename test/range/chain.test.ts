// The chain without sockets: what a scenario comes to, the same bytes for the same seed, and recordings judged as the run was.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Pack } from '#rules/pack.ts'
import { readPacks } from '../../collector/packs.ts'
import { agentConfigOf } from '../../range/agent-config.ts'
import { playChain } from '../../range/chain.ts'
import { judgeRecording, playAndScore, recordScenario } from '../../range/chain-score.ts'
import type { RecordedMessage } from '../../range/recording.ts'
import { openRecording } from '../../range/recording-reader.ts'
import { mapOf } from '../../simulators/maps.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { temporaryFolder } from '../parts/wait.ts'

// Scenarios take long on a machine that others use too.
vi.setConfig({ testTimeout: 120_000 })

let packs: readonly Pack[]
beforeAll(async () => {
  packs = await readPacks()
})

const tampering = (more: object = {}) =>
  Scenario.parse({
    scanMs: 500,
    lasts: '00:12',
    timeline: [{ at: '00:02', for: '00:05', attack: 'setpoint-tamper' }],
    ...more
  })

async function messagesOf(scenario: Scenario, seconds: number): Promise<RecordedMessage[]> {
  const messages: RecordedMessage[] = []
  await playChain({ scenario, seconds, onMessage: (_, message) => void messages.push(message), onLabel: () => {} })
  return messages
}

describe('the agent config of a plant', () => {
  it('reads every tag of the map within the default budget', () => {
    const map = mapOf('water')
    const [device] = agentConfigOf({ map, site: 'east-water' }).config.devices
    expect(device?.tags.map(({ name }) => name)).toEqual(Object.keys(map.tags))
    expect(agentConfigOf({ map, site: 'east-water', without: ['tower.level'] }).yaml).not.toContain('tower.level"')
  })
})

describe('the chain without sockets', () => {
  it('detects a tampered setpoint and names it', async () => {
    const { score, counts } = await playAndScore({ name: 'tampering', scenario: tampering(), packs })
    expect(score.attacks).toMatchObject([{ name: 'setpoint-tamper', detected: true, techniqueRight: true, named: true }])
    expect(score.attacks[0]?.delaySeconds).toBeLessThan(60)
    expect(counts).toMatchObject({ missing: 0, repeated: 0, unscored: 0 })
  })

  it('has no alert before the attack begins', async () => {
    const { alerts, labels } = await playAndScore({ name: 'tampering', scenario: tampering(), packs })
    const start = labels[0]?.start ?? 0
    expect(alerts.filter(({ firstSeen }) => firstSeen < start)).toEqual([])
    expect(alerts.length).toBeGreaterThan(0)
  })

  it.each(['small', 'typical', 'gateway'])('asks a PLC as its manners want it: %s', async (character) => {
    const scenario = tampering({ scanMs: 1000, modbus: { character, unit: 5, framing: 'rtu-over-tcp' } })
    const { score, notPlayed } = await playAndScore({ name: 'manners', scenario, packs })
    expect(notPlayed).toEqual([])
    expect(score).toMatchObject({ attacks: [{ detected: true, techniqueRight: true, named: true }], falseAlerts: 0 })
  })

  it('tells samples of bad quality while the network is silent', async () => {
    const scenario = Scenario.parse({ scanMs: 1000, timeline: [{ at: '00:01', for: '00:01', fault: 'comms-loss' }] })
    const messages = await messagesOf(scenario, 180)
    const bad = messages.flatMap((message) => (message.kind === 'samples' ? message.qualities.filter((quality) => quality !== 0) : []))
    expect(bad.length).toBeGreaterThan(20)
  })
})

describe('the connection of the agent without sockets', () => {
  const badDuring = async (modbus: object, more: object[] = []) => {
    const timeline = [{ at: '00:01', for: '00:01', attack: 'connection-exhaustion', with: { everySeconds: 1 } }, ...more]
    const messages = await messagesOf(Scenario.parse({ scanMs: 1000, modbus, timeline }), 180)
    return messages.flatMap((message) => (message.kind === 'samples' ? message.qualities.filter((quality) => quality !== 0) : [])).length
  }

  it('is lost to whoever takes them all, where a PLC gives up its oldest', async () => {
    expect(await badDuring({ maxConnections: 4, whenFull: 'close-oldest' })).toBeGreaterThan(20)
  })

  it('is kept where a PLC refuses newcomers', async () => {
    expect(await badDuring({ maxConnections: 4, whenFull: 'refuse-new' })).toBe(0)
  })

  it('goes with the agent, who finds no place when it comes back', async () => {
    const gone = { at: '00:01:10', for: '00:00:10', attack: 'agent-stopped' }
    expect(await badDuring({ maxConnections: 4, whenFull: 'refuse-new' }, [gone])).toBeGreaterThan(20)
  })
})

describe('recordings', () => {
  it('have the same bytes for the same seed and others for another', async () => {
    const folder = await temporaryFolder()
    const record = async (name: string, seed: number) => {
      const file = join(folder, name)
      await recordScenario({ name: 'tampering', scenario: tampering({ seed }), record: file })
      return readFileSync(file)
    }
    const first = await record('a.jsonl', 7)
    expect((await record('b.jsonl', 7)).equals(first)).toBe(true)
    expect((await record('c.jsonl', 8)).equals(first)).toBe(false)
  })

  it('are judged as the run that they were made from', async () => {
    const record = join(await temporaryFolder(), 'run.jsonl.zst')
    const run = await playAndScore({ name: 'tampering', scenario: tampering(), packs, record })
    await using reader = await openRecording({ file: record })
    const again = await judgeRecording({ reader, packs })
    expect(again.score).toEqual(run.score)
    expect(again.counts).toEqual(run.counts)
    expect(run.score.alerts.length).toBeGreaterThan(0)
  })

  it('know of the steps that could not be played, which count in no figure', async () => {
    const folder = await temporaryFolder()
    // Who forges the next message of an agent needs one that runs.
    const scenario = tampering({
      opcua: { pki: join(folder, 'pki'), anonymous: 'observer' },
      timeline: [
        { at: '00:02', for: '00:05', attack: 'agent-stopped' },
        { at: '00:03', for: '00:01', attack: 'endpoint-sweep' },
        { at: '00:04', for: '00:01', attack: 'forged-message', with: { tag: 'tower.level', value: 9 } }
      ]
    })
    const record = join(folder, 'run.jsonl')
    const notPlayed = await recordScenario({ name: 'half', scenario, record })
    expect(notPlayed).toMatchObject([
      { scenario: 'half', name: 'endpoint-sweep', at: 180, reason: { en: 'not played: needs --live' } },
      { scenario: 'half', name: 'forged-message', at: 240, reason: { en: expect.stringContaining('could not be played') } }
    ])
    await using reader = await openRecording({ file: record })
    const judged = await judgeRecording({ reader, packs })
    expect(judged.notPlayed).toEqual(notPlayed)
    expect(judged.score.attacks).toMatchObject([{ name: 'agent-stopped' }])
    const run = await playAndScore({ name: 'half', scenario, packs })
    expect(run.notPlayed).toEqual(notPlayed)
    expect(run.score).toEqual(judged.score)
  })
})
