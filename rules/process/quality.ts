// process/quality: values of a device are bad for long. One verdict for the device, because one cut cable makes all its tags bad.
import { z } from 'zod'
import { cell, defineRule, eachDevice, RIGHT, WRONG } from '../rule.ts'

const Parameters = z.strictObject({
  forSeconds: z.number().min(0).max(86_400).default(60).describe('How long a tag must be bad without a good sample in between.')
})

interface Terms {
  neededMs: number
  tags: number
}

/** How many tags are bad now, and how many of them have been so for long enough. */
const BAD = 0
const DUE = 1
/** For each tag since when it is bad, 0 when it is not; negative once it is due. */
const SINCE = 2

export const quality = defineRule({
  kind: 'process/quality',
  subject: 'device',
  parameters: Parameters,
  figures: () => ['bad', 'tags', 'seconds', 'quality'],
  // The waiting is counted for each tag below.
  holdSeconds: () => 0,
  subjects: (_parameters, tags) => eachDevice(tags),
  terms:
    ({ forSeconds }) =>
    (tags): Terms => ({ neededMs: forSeconds * 1000, tags: tags.length }),
  cells: ({ tags }) => SINCE + tags,
  score(memory, at, terms: Terms, { time, bad, input }) {
    const own = at + SINCE + input
    const since = cell(memory, own)
    if (bad) {
      if (since === 0) {
        memory[own] = time
        memory[at + BAD] = cell(memory, at + BAD) + 1
      }
      const begun = cell(memory, own)
      if (begun > 0 && time - begun >= terms.neededMs) {
        memory[own] = -begun
        memory[at + DUE] = cell(memory, at + DUE) + 1
      }
    } else if (since !== 0) {
      memory[own] = 0
      memory[at + BAD] = cell(memory, at + BAD) - 1
      if (since < 0) memory[at + DUE] = cell(memory, at + DUE) - 1
    }
    // The whole of the trouble is told at once: when one tag is due, all that are bad now count.
    return memory[at + DUE] === 0 ? RIGHT : WRONG + (cell(memory, at + BAD) - 1) / terms.tags
  },
  explain(memory, at, { tags }, { time, quality: code, input }) {
    const since = Array.from(memory.subarray(at + SINCE, at + SINCE + tags))
    const inputs = since.flatMap((begun, i) => (begun === 0 ? [] : [i]))
    // The longest first; a due one is negative.
    inputs.sort((a, b) => Math.abs(since[a] ?? 0) - Math.abs(since[b] ?? 0) || a - b)
    const first = Math.abs(since[inputs[0] ?? -1] ?? time)
    const evidence = { bad: inputs.length, tags, seconds: (time - first) / 1000, quality: code }
    return { evidence, inputs: inputs.length === 0 ? [input] : inputs }
  }
})
