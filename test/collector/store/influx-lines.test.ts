// Names in line protocol and InfluxQL: whatever they are, they stay names.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linePrefix, quoted } from '../../../collector/store/influx-lines.ts'
import { key } from './suite-parts.ts'

describe('names in line protocol and InfluxQL', () => {
  const name = fc.string({ unit: 'binary' })

  it('cannot add a tag, a field or a line', () => {
    fc.assert(
      fc.property(name, name, name, (site, agent, tag) => {
        const prefix = linePrefix({ site, agent, tag, view: 'polled' })
        expect(prefix).toMatch(/^sample,agent=[^ ,=\\\n]+,name=[^ ,=\\\n]+,site=[^ ,=\\\n]+,view=polled $/)
      })
    )
  })

  it('stay different when they are different', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const same = linePrefix({ ...key('level'), tag: a }) === linePrefix({ ...key('level'), tag: b })
        expect(same).toBe(a.toWellFormed() === b.toWellFormed())
      })
    )
  })

  it('cannot end the literal they stand in', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(quoted(text)).toMatch(/^'(?:[^'\\\n]|\\['\\n])*'$/)
      })
    )
  })
})
