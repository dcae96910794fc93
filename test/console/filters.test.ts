// Filters live in the address: what they write they read again, and nonsense in an address is left out.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '#contract/alert.ts'
import { isFiltered, matches, queryOf, readFilter, writeFilter } from '../../console/alert-filter.ts'
import { readTagFilter, writeTagFilter } from '../../console/tag-filter.ts'
import { LENGTHS, moveSpan, readSpan, writeSpan } from '../../console/trend-span.ts'

const read = (text: string) => readFilter(new URLSearchParams(text))
const anything = fc.dictionary(
  fc.constantFrom('condition', 'handling', 'severity', 'site', 'search', 'quality', 'role', 'from', 'to', 'span', 'other'),
  fc.string()
)

describe('the filter of alerts', () => {
  test('is what is open when the address says nothing', () => {
    expect(queryOf(read(''))).toEqual({ handling: 'open' })
    expect(isFiltered(read(''))).toBe(false)
  })

  test('asks for all handlings when told so', () => {
    expect(queryOf(read('handling=all&severity=4'))).toEqual({ severity: '4' })
  })

  test('leaves nonsense out', () => {
    expect(read('handling=x&severity=9&site=../&condition=1')).toEqual(read(''))
  })

  test('survives writing and reading, whatever the address held', () => {
    fc.assert(
      fc.property(anything, (address) => {
        const filter = readFilter(new URLSearchParams(address))
        expect(readFilter(writeFilter(filter))).toEqual(filter)
      })
    )
  })
})

describe('a live alert', () => {
  // Only what the filter looks at.
  const alert = {
    condition: 'active',
    handling: 'new',
    severity: 4,
    site: 'east',
    rule: 'water/level',
    tags: ['tower.level'],
    title: { zh: '液位卡死', en: 'Level is stuck' },
    reason: { zh: '值未变', en: 'It repeats' }
  } as unknown as Alert

  test.each([
    '',
    'severity=4',
    'site=east',
    'search=STUCK',
    'search=tower',
    'search=液位',
    'handling=new',
    'handling=all',
    'condition=active'
  ])('falls under %s', (text) => {
    expect(matches(read(text), alert)).toBe(true)
  })

  test.each(['severity=5', 'site=west', 'search=pump', 'handling=closed', 'condition=cleared'])('does not fall under %s', (text) => {
    expect(matches(read(text), alert)).toBe(false)
  })

  test('that is resolved is not open', () => {
    expect(matches(read(''), { ...alert, handling: 'resolved' })).toBe(false)
  })
})

test('the filter of tags survives writing and reading', () => {
  fc.assert(
    fc.property(anything, (address) => {
      const filter = readTagFilter(new URLSearchParams(address))
      expect(readTagFilter(writeTagFilter(filter))).toEqual(filter)
    })
  )
})

describe('the span of a trend', () => {
  test('survives writing and reading', () => {
    fc.assert(
      fc.property(anything, (address) => {
        const chosen = readSpan(new URLSearchParams(address))
        expect(readSpan(writeSpan(chosen))).toEqual(chosen)
      })
    )
  })

  test('is the last hour when the address makes no sense', () => {
    expect(readSpan(new URLSearchParams('from=9&to=3'))).toEqual({ kind: 'live', name: '1h' })
  })

  test('moves and grows about its middle', () => {
    const hour = { from: LENGTHS['1h'], to: 2 * LENGTHS['1h'] }
    expect(moveSpan(hour, { shift: -0.5 })).toEqual({ from: LENGTHS['1h'] / 2, to: 1.5 * LENGTHS['1h'] })
    expect(moveSpan(hour, { scale: 0.5 })).toEqual({ from: 1.25 * LENGTHS['1h'], to: 1.75 * LENGTHS['1h'] })
  })
})
