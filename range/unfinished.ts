// A scenario that was not played to its end, and why: it failed, or the run was interrupted before or in it.
import { z } from 'zod'
import { Text } from '#contract/text.ts'
import { startText } from '#runtime/start-fault.ts'

export const Unfinished = z
  .strictObject({
    scenario: z.string().describe('The name of the scenario.'),
    why: z.enum(['failed', 'interrupted']).describe('failed: something went wrong; interrupted: the run was ended by hand.'),
    reason: Text.describe('What happened.')
  })
  .describe('A scenario that was not played to its end: nothing of it counts in any figure.')
export type Unfinished = z.infer<typeof Unfinished>

export const failed = (scenario: string, error: unknown): Unfinished => ({ scenario, why: 'failed', reason: reasonOf(error) })

export const interrupted = (scenario: string): Unfinished => ({
  ...{ scenario, why: 'interrupted' },
  reason: { zh: '运行被中断', en: 'the run was interrupted' }
})

/** In one line; what a part said last stands in the lines below the first of its reason. */
export const unfinishedText = (one: Unfinished): Text => told(one, firstLine(one.reason))

/** With all that is known. */
export const unfinishedStory = (one: Unfinished): Text => told(one, one.reason)

export const firstLine = ({ zh, en }: Text): Text => ({ zh: zh.split('\n', 1)[0] ?? zh, en: en.split('\n', 1)[0] ?? en })

const told = ({ scenario }: Unfinished, reason: Text): Text => ({
  zh: `${scenario}：未播放完，不计入任何数值：${reason.zh}`,
  en: `${scenario}: was not played to its end and counts in no figure: ${reason.en}`
})

function reasonOf(error: unknown): Text {
  const own = z.object({ text: Text }).safeParse(error)
  if (own.success) return own.data.text
  const machine = startText(error)
  if (machine !== undefined) return machine
  // A fault of Penstock itself: where it is helps those who are to mend it.
  const [what = String(error), where] = error instanceof Error ? [error.message, frameOf(error)] : []
  const text = where === undefined ? what : `${what} (${where})`
  return { zh: text, en: text }
}

const frameOf = ({ stack = '' }: Error): string | undefined => /^ +(at .*)$/m.exec(stack)?.[1]
