// process/quality: values of a device are bad for long. One verdict for the device, because one cut cable makes all its tags bad.
import { z } from 'zod'
import { defineRule, eachDevice, RIGHT, WRONG } from '../rule.ts'

const Parameters = z.strictObject({
  forSeconds: z.number().min(0).max(86_400).default(60).describe('How long a tag must be bad without a good sample in between.')
})

interface Terms {
  neededMs: number
  tags: number
}

interface State {
  /** Since when each tag is bad, -1 when it is not. */
  badSince: number[]
  /** Whether each tag has been bad for long enough. */
  overdue: boolean[]
  bad: number
  due: number
}

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
  initial: ({ tags }): State => ({
    badSince: new Array<number>(tags).fill(-1),
    overdue: new Array<boolean>(tags).fill(false),
    bad: 0,
    due: 0
  }),
  score(state, terms, { time, bad, input }) {
    const since = state.badSince[input] ?? -1
    if (!bad) {
      if (since !== -1) {
        state.badSince[input] = -1
        state.bad--
        if (state.overdue[input] === true) {
          state.overdue[input] = false
          state.due--
        }
      }
    } else if (since === -1) {
      state.badSince[input] = time
      state.bad++
      if (terms.neededMs === 0) markOverdue(state, input)
    } else if (state.overdue[input] === false && time - since >= terms.neededMs) {
      markOverdue(state, input)
    }
    // The whole of the trouble is told at once: when one tag is overdue, all that are bad now count.
    return state.due === 0 ? RIGHT : WRONG + (state.bad - 1) / terms.tags
  },
  explain(state, terms, reading) {
    const inputs = state.badSince.flatMap((since, input) => (since === -1 ? [] : [input]))
    const first = Math.min(...inputs.map((input) => state.badSince[input] ?? reading.time))
    inputs.sort((a, b) => Number(state.overdue[b]) - Number(state.overdue[a]) || a - b)
    const evidence = {
      bad: state.bad,
      tags: terms.tags,
      seconds: inputs.length === 0 ? 0 : (reading.time - first) / 1000,
      quality: reading.quality
    }
    return { evidence, inputs: inputs.length === 0 ? [reading.input] : inputs }
  }
})

function markOverdue(state: State, input: number): void {
  state.overdue[input] = true
  state.due++
}
