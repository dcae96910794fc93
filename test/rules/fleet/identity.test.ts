// fleet/identity: told once, ended only by genuine words for long enough, and remembered over a restart.
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { Engine } from '#rules/engine.ts'
import { parsePack } from '#rules/pack.ts'

const BASE = parsePack(parse(await readFile(new URL('../../../rules/packs/base.yaml', import.meta.url), 'utf8')))
const NAME = { site: 'east', agent: 'edge-1' }
const START = 1_750_000_000_000
const at = (seconds: number) => ({ ...NAME, time: START + seconds * 1000 })

it('is told once, and ends only after ten minutes in which the agent alone spoke', () => {
  const engine = new Engine({ packs: [BASE] })
  const rogue = (seconds: number) => engine.mistrusted({ ...at(seconds), why: 'other-key', key: 'abc' })
  expect(rogue(0)).toMatchObject([{ rule: 'base/agent-key-changed', condition: 'active', evidence: { why: 'other-key', key: 'abc' } }])
  expect(
    [rogue(100), engine.trusted(at(650)), engine.tick(START + 9_000_000), engine.heard(at(9100))]
      .flat()
      .filter(({ kind }) => kind === 'fleet/identity')
  ).toEqual([])
  expect(engine.trusted(at(700))).toMatchObject([{ rule: 'base/agent-key-changed', condition: 'cleared' }])
  expect(engine.trusted(at(800))).toEqual([])
})

it('is remembered by a snapshot, and assumed where the memory was lost', () => {
  const engine = new Engine({ packs: [BASE] })
  engine.mistrusted({ ...at(0), why: 'replayed', key: null })
  const next = new Engine({ packs: [BASE] })
  next.restore(JSON.parse(JSON.stringify(engine.snapshot())))
  expect(next.mistrusted({ ...at(10), why: 'replayed', key: null })).toEqual([])
  const lost = new Engine({ packs: [BASE] })
  const matter = { rule: 'base/agent-health-forged', ...NAME, device: null, tag: null, tags: [], view: 'polled' as const }
  expect(lost.judges(matter)).toBe(true)
  lost.assume(matter, START)
  expect(lost.mistrusted({ ...at(10), why: 'replayed', key: null })).toEqual([])
  expect(lost.trusted(at(700))).toMatchObject([{ condition: 'cleared' }])
})
