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

/** As a sentence; `where` is the name of the scenario. */
export const unfinishedText = ({ scenario, reason }: Unfinished): Text => ({
  zh: `${scenario}：未播放完，不计入任何数值：${reason.zh}`,
  en: `${scenario}: was not played to its end and counts in no figure: ${reason.en}`
})

function reasonOf(error: unknown): Text {
  const told = z.object({ text: Text }).safeParse(error)
  if (told.success) return told.data.text
  const machine = startText(error)
  if (machine !== undefined) return machine
  // A fault of Penstock itself: where it is helps those who are to mend it.
  const [what = String(error), where] = error instanceof Error ? [error.message, frameOf(error)] : []
  const text = where === undefined ? what : `${what} (${where})`
  return { zh: text, en: text }
}

const frameOf = ({ stack = '' }: Error): string | undefined => /^ +(at .*)$/m.exec(stack)?.[1]
