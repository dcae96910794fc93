import { describe, expect, it } from 'vitest'
import { every, type Lines, rehearse, told } from '../rehearsal.ts'

const frozen = { rule: 'process/frozen', parameters: { forSeconds: 60, minTags: 3, minMoves: 5 } }

const still = (to: number): Lines => ({
  a: [...every(1, 0, 20, 5.01, 5.02), ...every(10, 30, to, 5.01)],
  b: every(10, 0, to, 7),
  c: every(10, 0, to, 0)
})

describe('process/frozen', () => {
  it('finds a device none of whose values moves', () => {
    const { findings } = rehearse(frozen, { ...still(100) })
    expect(told(findings)).toEqual(['80 active'])
    expect(findings[0]).toMatchObject({ tag: null, device: 'plc-1', tags: ['a', 'b', 'c'], evidence: { seconds: 60, tags: 3 } })
  })

  it('is content with one value that moves', () => {
    expect(rehearse(frozen, { ...still(300), c: every(1, 0, 300, 0, 1) }).findings).toEqual([])
  })

  it('ends when anything moves', () => {
    const lines = still(200)
    const { findings } = rehearse(frozen, { ...lines, b: [...every(10, 0, 120, 7), [125, 8], ...every(10, 135, 160, 8)] })
    expect(told(findings)).toEqual(['80 active', '125 cleared', '190 active'])
  })

  it('says nothing of a device that is not read', () => {
    const a = [...every(1, 0, 20, 5.01, 5.02), ...every(10, 21, 600, null)]
    expect(rehearse(frozen, { a, b: every(10, 0, 20, 7), c: every(10, 0, 20, 7) }).findings).toEqual([])
  })

  it('leaves devices with few tags and devices that never moved alone', () => {
    expect(rehearse(frozen, { a: still(300)['a'] ?? [], b: every(10, 0, 300, 7) }).engine.checks()[0]?.subjects).toBe(0)
    expect(rehearse(frozen, { a: every(10, 0, 300, 1), b: every(10, 0, 300, 7), c: every(10, 0, 300, 7) }).findings).toEqual([])
  })
})
