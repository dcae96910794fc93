// The same seed gives the same bytes: of every shipped scenario, drawn together to a minute. Another seed gives others.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#runtime/config-file.ts'
import { playChain } from '../../../range/chain.ts'
import { playableIn } from '../../../range/playable.ts'
import type { Attack } from '../../../simulators/attacks/attack.ts'
import { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { lengthOf, Scenario } from '../../../simulators/scenario.ts'

const SECONDS = 60
const folder = new URL('../../../simulators/scenarios/', import.meta.url).pathname
const shipped = await Promise.all(
  readdirSync(folder).map(async (file) => ({ file, scenario: (await readConfig({ file: folder + file, schema: Scenario })).config }))
)

function drawnTogether(scenario: Scenario): Scenario {
  const share = (SECONDS - 20) / lengthOf(scenario)
  const timeline = scenario.timeline.map((step) => ({
    ...step,
    at: 10 + Math.round(step.at * share),
    ...(step.for === undefined ? {} : { for: Math.max(2, Math.round(step.for * share)) })
  }))
  return { ...scenario, scanMs: 1000, timeline }
}

// What a recording would hold, and apart from it what was played.
async function bytesOf(scenario: Scenario): Promise<{ messages: string; labels: string[] }> {
  const hash = createHash('sha256')
  const labels: string[] = []
  await playChain({
    ...{ scenario: playableIn('fast', { name: 'a-day', scenario }, SECONDS).scenario, seconds: SECONDS },
    onMessage: (time, message) => void hash.update(JSON.stringify([time, message])),
    onLabel: (time, label) => void labels.push(JSON.stringify([time, label]))
  })
  return { messages: hash.digest('hex'), labels }
}

describe('the shipped scenarios', () => {
  it.each(shipped)('$file gives the same bytes for its seed and others for another', async ({ scenario }) => {
    const short = drawnTogether(scenario)
    const played = await bytesOf(short)
    expect(await bytesOf(short)).toEqual(played)
    const other = await bytesOf({ ...short, seed: short.seed + 1 })
    expect(other.messages).not.toBe(played.messages)
    expect(other.labels).toEqual(played.labels)
    const { length } = playableIn('fast', { name: 'a-day', scenario: short }, SECONDS).scenario.timeline
    expect(played.labels.filter((label) => label.includes('"end":null'))).toHaveLength(length)
  })

  it('play every attack', () => {
    const played = new Set(shipped.flatMap(({ scenario }) => scenario.timeline.flatMap(({ attack }) => attack ?? [])))
    const isPlayed = (name: string) => [...played].includes(name as keyof typeof ATTACKS)
    expect(Object.keys(ATTACKS as Record<string, Attack>).filter((name) => !isPlayed(name))).toEqual([])
  })
})
