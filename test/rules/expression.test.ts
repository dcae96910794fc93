import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileExpression, ExpressionFault, glob, type InputType } from '#rules/expression.ts'

const inputs: Record<string, InputType> = { level: 'number', flow: 'number', on: 'bool', mode: 'text' }
const values = { level: 3, flow: 120, on: true, mode: 'AUTO' }

function faultOf(source: string): ExpressionFault {
  try {
    compileExpression(source, inputs)
  } catch (fault) {
    if (fault instanceof ExpressionFault) return fault
    throw fault
  }
  throw new Error(`accepted: ${source}`)
}

describe('an expression', () => {
  it.each([
    ['level > 2.0 && flow < 200.0', true],
    ['on ? level > 5.0 : level > 1.0', false],
    ['level in [1.0, 2.0, 3.0]', true],
    ['abs(level - 5.0) < 1.5', false],
    ['greatest(level, least(flow, 10.0)) == 10.0', true],
    ['flow / 2.0 == 60.0', true],
    ['mode != "HAND" || !on', true],
    ['-level < 0.0', true],
    ['glob(mode, "A*O")', true]
  ])('%s is %s', (source, expected) => {
    expect(compileExpression(source, inputs)(values)).toBe(expected)
  })

  it('sees new values each time', () => {
    const expression = compileExpression('level > 2.0', inputs)
    expect([1, 2, 3].map((level) => expression({ ...values, level }))).toEqual([false, false, true])
  })

  it('points at the place of a fault', () => {
    const fault = faultOf('on &&\n  level == 5')
    expect(fault).toMatchObject({ code: 'EXPRESSION_FAULT', line: 2, column: 3 })
    expect(fault.message).toBe(
      'line 2, column 3: no such overload: double == int (numbers are written with a point: 1.0)\n    level == 5\n    ^'
    )
  })

  it.each([
    ['an unknown name', 'leval > 1.0', 'Unknown variable: leval', 1],
    ['a wrong type', 'level > "x"', 'no such overload', 1],
    ['no truth value', 'level + 1.0', 'must be true or false, but is of type double', 1],
    ['an unfinished one', 'level >', 'Unexpected token', 8],
    ['an empty one', '', 'Unexpected token', 1],
    ['a method of the object', 'level.constructor == 1.0', '. is not offered', 1],
    ['a prototype', 'mode.__proto__', 'is not offered', 1],
    ['an index', 'mode["constructor"]', 'is not offered', 1],
    ['a map', '{"a": on}["a"]', 'is not offered', 1],
    ['a regular expression', 'mode.matches("(a+)+$")', 'the function matches is not offered', 1],
    ['a regular expression as function', 'matches(mode, "(a+)+$")', 'the function matches is not offered', 1],
    ['a comprehension', '[1.0, 2.0].all(x, x > level)', 'the function all is not offered', 1],
    ['a conversion that hides the type', 'dyn(level) == 1', 'the function dyn is not offered', 1],
    ['a division by an input', 'on && flow / level > 1.0', 'division is offered by a fixed number', 7],
    ['a division by nothing', 'flow / 0.0 > 1.0', 'division is offered by a fixed number', 1],
    ['a remainder', 'flow % 2.0 == 0.0', 'is not offered', 1]
  ])('refuses %s', (_what, source, problem, column) => {
    const fault = faultOf(source)
    expect(fault.message).toContain(problem)
    expect(fault.column).toBe(column)
  })

  it.each([
    ['parentheses', `${'('.repeat(40)}on${')'.repeat(40)}`],
    ['negations', `${'!'.repeat(40)}on`],
    ['calls', `${'abs('.repeat(40)}level${')'.repeat(40)} > 0.0`],
    ['choices', `${'on ? '.repeat(40)}on${' : on'.repeat(40)}`],
    ['terms', `level > 0.0 && ${Array.from({ length: 60 }, () => 'on').join(' && ')}`],
    ['characters', `on ${' '.repeat(1000)}`]
  ])('refuses too many %s', (_what, source) => {
    expect(faultOf(source)).toBeInstanceOf(ExpressionFault)
  })

  it('never throws anything but its own fault, nor gives anything but a truth value', () => {
    const words = [
      'level',
      'on',
      'mode',
      '1.0',
      '"x"',
      '&&',
      '||',
      '(',
      ')',
      '>',
      '==',
      '!',
      '?',
      ':',
      'in',
      '[',
      ']',
      ',',
      'abs',
      '.',
      '{',
      '}',
      'null',
      '-'
    ]
    const source = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(' '))
    fc.assert(
      fc.property(fc.oneof(source, fc.string({ maxLength: 60 })), (text) => {
        try {
          expect(typeof compileExpression(text, inputs)(values)).toBe('boolean')
        } catch (fault) {
          expect(fault).toBeInstanceOf(ExpressionFault)
        }
      }),
      { numRuns: 500 }
    )
  })
})

describe('glob', () => {
  it.each([
    ['tower.level', 'tower.level', true],
    ['tower.level', 'tower.*', true],
    ['tower.level', '*', true],
    ['tower.level', '*.level', true],
    ['tower.level', 't*r*v*l', true],
    ['tower.level', 'tower', false],
    ['tower.level', '*x*', false],
    ['ab', 'ab*ab', false],
    ['towerXlevel', 'tower.level', false],
    ['', '*', true],
    ['', '', true]
  ])('%s fits %s: %s', (text, pattern, expected) => {
    expect(glob(text, pattern)).toBe(expected)
  })

  it('agrees with a plain definition by recursion', () => {
    const fits = (text: string, pattern: string): boolean => {
      const [first, ...rest] = pattern
      if (first === undefined) return text === ''
      if (first === '*') return Array.from({ length: text.length + 1 }, (_, i) => text.slice(i)).some((end) => fits(end, rest.join('')))
      return text.startsWith(first) && fits(text.slice(1), rest.join(''))
    }
    const short = (letters: string) => fc.array(fc.constantFrom(...letters), { maxLength: 7 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(short('ab'), short('ab*'), (text, pattern) => glob(text, pattern) === fits(text, pattern)),
      { numRuns: 2000 }
    )
  })
})
