// However samples come in - one by one, in batches, with repeats, over a restart - the same is found.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '#contract/finding.ts'
import { Engine } from '#rules/engine.ts'
import { batchOf, birthOf, type Facts, packOf, type Row, START } from './rehearsal.ts'

const NAMES = ['a', 'b', 'c', 'd', 'on', 'mode']
const FACTS: Facts = { on: { dataType: 'bool' }, mode: { dataType: 'string' }, d: { device: 'plc-2' } }

const pack = packOf([
  { id: 'range', rule: 'process/range', parameters: { low: 2, high: 7, hysteresis: 1, forSeconds: 3 }, clearAfterSeconds: 4 },
  { id: 'rate', rule: 'process/rate', parameters: { rise: 2, fall: 3 } },
  { id: 'slope', rule: 'process/rate', parameters: { rise: 0.5, overSeconds: 20, forSeconds: 2 }, clearAfterSeconds: 5 },
  { id: 'stuck', rule: 'process/stuck', parameters: { forSeconds: 8, minMoves: 2 } },
  { id: 'frozen', rule: 'process/frozen', parameters: { forSeconds: 10, minTags: 2, minMoves: 3 } },
  { id: 'quality', rule: 'process/quality', parameters: { forSeconds: 6 } },
  {
    id: 'relation',
    rule: 'process/relation',
    parameters: {
      inputs: { a: 'a', on: { tag: 'on', as: 'bool' }, mode: { tag: 'mode', as: 'text' } },
      when: 'on',
      must: 'a > 4.0 || mode == "x"',
      forSeconds: 2
    }
  }
])

const step = fc.record({
  tag: fc.integer({ min: 1, max: NAMES.length }),
  after: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 2500 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 60_000 }) }
  ),
  value: fc.integer({ min: 0, max: 9 }),
  bad: fc.integer({ min: 0, max: 7 })
})

const rows = fc.array(step, { minLength: 5, maxLength: 150 }).map((steps) => {
  let time = START
  return steps.map(({ tag, after, value, bad }): Row => {
    time += after
    const good = tag === 6 ? ['x', 'y', 'z'][value % 3] : tag === 5 ? value % 2 : value
    return { tag, time, value: bad === 0 ? null : (good ?? null), quality: bad === 0 ? 0x800a0000 : 0 }
  })
})

function fresh(): Engine {
  const engine = new Engine({ packs: [pack] })
  engine.know(birthOf(NAMES, FACTS))
  return engine
}

function restarted(engine: Engine): Engine {
  const after = new Engine({ packs: [pack] })
  after.restore(JSON.parse(JSON.stringify(engine.snapshot())))
  after.know(birthOf(NAMES, FACTS))
  return after
}

const oneByOne = (all: readonly Row[]): Finding[] => {
  const engine = fresh()
  return all.flatMap((row) => engine.judge(batchOf([row])))
}

describe('the engine finds the same', () => {
  it('in batches of any size as sample by sample', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 40 }), (all, size) => {
        const engine = fresh()
        const found: Finding[] = []
        for (let at = 0; at < all.length; at += size) found.push(...engine.judge(batchOf(all.slice(at, at + size))))
        expect(found).toEqual(oneByOne(all))
        expect(engine.checks().map((check) => check.faults)).toEqual(pack.checks.map(() => 0))
      }),
      { numRuns: 150 }
    )
  })

  it('with a restart, or a new birth, in the middle', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 4 }), fc.boolean(), (all, places, birth) => {
        let engine = fresh()
        const found = all.flatMap((row, at) => {
          if (places.includes(at)) {
            if (birth) engine.know(birthOf(NAMES, FACTS))
            else engine = restarted(engine)
          }
          return engine.judge(batchOf([row]))
        })
        expect(found).toEqual(oneByOne(all))
      }),
      { numRuns: 150 }
    )
  })

  it('with samples that come again', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (all, again) => {
        const repeated = all.flatMap((row, at) => [row, ...all.slice(Math.max(0, at - (again.next().value ?? 0)), at + 1)])
        expect(oneByOne(repeated)).toEqual(oneByOne(all))
      }),
      { numRuns: 100 }
    )
  })

  it('and raises before it clears, each once, and worse only while it is active', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const active = new Set<string>()
        let last = START
        for (const { rule, tag, device, condition, time } of oneByOne(all)) {
          const key = `${rule} ${device} ${tag}`
          if (condition === 'cleared') expect(active.delete(key)).toBe(true)
          else active.add(key)
          expect(time).toBeGreaterThanOrEqual(last)
          last = time
        }
      }),
      { numRuns: 150 }
    )
  })

  it('whatever else is in the batch', () => {
    const odd = fc.record({
      tag: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 0x7fffffff })),
      time: fc.oneof(fc.constant(START), fc.integer({ min: 0, max: 8.64e15 })),
      value: fc.oneof(fc.double(), fc.string({ maxLength: 5 }), fc.constant(null), fc.integer()),
      quality: fc.integer({ min: 0, max: 0xffffffff })
    })
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 60 }), (all) => {
        const engine = fresh()
        for (const finding of engine.judge(batchOf(all))) {
          expect(finding.time).toBeGreaterThanOrEqual(0)
          for (const figure of Object.values(finding.evidence)) if (typeof figure === 'number') expect(Number.isFinite(figure)).toBe(true)
        }
        const { judged, late, unknown } = engine.counts()
        expect(judged + late + unknown).toBe(all.length)
        expect(engine.checks().map((check) => check.faults)).toEqual(pack.checks.map(() => 0))
      }),
      { numRuns: 300 }
    )
  })
})
