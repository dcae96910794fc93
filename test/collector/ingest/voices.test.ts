// Two processes under one name: told apart from restarts, clocks that are set and messages that come late.
import { describe, expect, it } from 'vitest'
import { type Speaker, Voices } from '../../../collector/ingest/voices.ts'
import { World } from '../../pipeline/world.ts'

const A: Speaker = { boot: 5, startedAt: 1_000_000 }
const B: Speaker = { boot: 9, startedAt: 2_000_000 }
const clone: Speaker = { boot: 5, startedAt: 1_010_000 }

function hear(voices: Voices, kind: 'birth' | 'health', ...speakers: Speaker[]): boolean[] {
  return speakers.map((speaker) => voices.hear(kind, speaker, 10_000_000))
}

describe('the voices of an agent', () => {
  it.each([
    ['one process', [A, A, A]],
    ['restarts', [A, B, { boot: 10, startedAt: 3_000_000 }]],
    ['a kept birth that comes late once', [B, A, B]],
    ['a clock that was set', [{ boot: 5, startedAt: 1 }, A, A]]
  ])('are one for %s', (_, speakers) => {
    const voices = new Voices()
    hear(voices, 'birth', ...speakers)
    expect(voices.areTwo(10_000_000)).toBe(false)
  })

  it.each([
    ['boots', [A, B, A, B]],
    ['the same boot, as from a copied disk', [A, clone, A, clone]]
  ])('are two when births alternate, with other %s', (_, speakers) => {
    const voices = new Voices()
    expect(hear(voices, 'birth', ...speakers)).toEqual([false, false, true, true])
    expect(voices.areTwo(10_000_000)).toBe(true)
    expect(voices.areTwo(10_700_000)).toBe(false)
  })

  it('are known again by their uptime, roughly', () => {
    const voices = new Voices()
    const later = (speaker: Speaker) => ({ ...speaker, startedAt: speaker.startedAt + 900 })
    expect(hear(voices, 'health', A, later(A), B, later(B), A)).toEqual([false, false, false, false, true])
  })
})

describe('a centre', () => {
  it('tells people that two programs use one name', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    const [one, two] = [agent.birth({ boot: 5, startedAt: 1_000_000 }), agent.birth({ boot: 9, startedAt: 2_000_000 })]
    await world.hears(agent, one, two, one, two)
    await world.shows('the doubled agent', () => world.spine.centre.isFailing('agents'))
    expect(world.spine.centre.parts().find(({ part }) => part === 'agents')?.detail?.en).toContain('east/edge-1')
  })
})
