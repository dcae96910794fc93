// The reference of attacks and faults is whole in both languages: each sentence about a parameter has its Chinese, and none is left over.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PARAMETERS_ZH } from '../../docs/parameter-texts.ts'
import { ATTACKS } from '../../simulators/attacks/attacks.ts'
import { FAULTS } from '../../simulators/faults/faults.ts'

function sentencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => (key === 'description' && typeof value === 'string' ? [value] : sentencesIn(value)))
}

const sentences = new Set(
  [...Object.values(ATTACKS), ...Object.values(FAULTS)].flatMap(({ parameters }) =>
    sentencesIn(z.toJSONSchema(parameters, { io: 'input' }))
  )
)

describe('the texts of the reference', () => {
  it('say in Chinese what each parameter is', () => {
    expect([...sentences].filter((sentence) => !PARAMETERS_ZH.has(sentence))).toEqual([])
  })

  it('hold nothing that no parameter says any more', () => {
    expect([...PARAMETERS_ZH.keys()].filter((sentence) => !sentences.has(sentence))).toEqual([])
  })
})
