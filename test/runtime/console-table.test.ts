// Tables on a terminal: Chinese takes two columns, and nothing that a device calls itself is obeyed by the terminal.
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { clipped, consoleTable, displayWidth, printable } from '#runtime/console-table.ts'

describe('width', () => {
  it.each([
    ['abc', 3],
    ['水塔液位', 8],
    ['（可选）', 8],
    ['1 号泵', 6],
    ['한글', 4],
    ['ｶﾅ', 2],
    ['e\u0301', 1],
    ['°C', 2],
    ['😀', 2],
    ['\u001b[32mok\u001b[39m', 2]
  ])('%s', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('a table', () => {
  it('is padded by columns of the terminal, numbers to the right', () => {
    const columns = [{ title: '名称' }, { title: '数值', align: 'right' as const }]
    const text = consoleTable({
      columns,
      rows: [
        ['水塔液位', '3.5 m'],
        ['flow', '12 m']
      ]
    })
    expect(stripVTControlCharacters(text)).toBe('名称       数值\n水塔液位  3.5 m\nflow       12 m')
  })

  it('has lines of one width, whatever the cells', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }), (rows) => {
        const text = stripVTControlCharacters(consoleTable({ columns: [{ title: 'a' }, { title: 'b', align: 'right' }], rows }))
        const lines = text.split('\n')
        expect(lines).toHaveLength(rows.length + 1)
        expect(Math.max(...lines.map(displayWidth))).toBe(displayWidth(lines[0] ?? ''))
      })
    )
  })

  it('colours only where a terminal is', () => {
    const table = () => consoleTable({ columns: [{ title: 't' }], rows: [[{ text: 'x', style: 'red' }]] })
    vi.stubEnv('NO_COLOR', undefined)
    vi.stubEnv('FORCE_COLOR', '1')
    expect(table()).toContain('\u001b[31mx')
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', '1')
    expect(table()).toBe('t\nx')
    vi.unstubAllEnvs()
  })
})

describe('what comes from a device', () => {
  it('cannot speak to the terminal', () => {
    expect(printable('\u001b]0;owned\u0007')).toBe('\\u001b]0;owned\\u0007')
    expect(printable('a\nb\r\u0085')).toBe('a\\u000ab\\u000d\\u0085')
    expect(printable('valve\u202eelbisiv')).toBe('valve\\u202eelbisiv')
    expect(printable('水塔 °C ½')).toBe('水塔 °C ½')
  })

  it('never holds a control character in a table', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const table = consoleTable({ columns: [{ title: 't' }], rows: [[text]] })
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(/[\u0000-\u001f\u007f-\u009f]/.test(table.replace('\n', ''))).toBe(false)
      })
    )
  })
})

it('cuts by columns and says so', () => {
  expect(clipped('水塔液位', 5)).toBe('水塔…')
  expect(clipped('flow', 4)).toBe('flow')
})
