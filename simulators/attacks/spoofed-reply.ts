// T0832 Manipulation of View: somebody on the wire alters what the PLC answers to one of its readers, while the plant moves on.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { TagOnWire } from './tag-on-wire.ts'
import { TargetTag } from './target.ts'
import { plantsOf, USUAL_MEASUREMENT, usualIn } from './usual.ts'

const Parameters = z.strictObject({
  victim: z.enum(['agent', 'operator']).default('agent').describe('Who is lied to.'),
  tag: TargetTag().optional().describe('The tag whose value is altered; by default one that matters in the plant.'),
  by: z.number().optional().describe('What is added to the value, in the unit of the tag; without it, the first value seen is shown on.')
})

export const spoofedReply = {
  name: 'spoofed-reply',
  title: { zh: '应答篡改（中间人）', en: 'Replies altered on their way' },
  technique: 'T0832',
  plants: plantsOf(USUAL_MEASUREMENT),
  needs: ['tamper'],
  parameters: Parameters,
  async aim({ map, tamper }, { victim, tag: named, by }) {
    const tag = named ?? usualIn(USUAL_MEASUREMENT, map.plant)
    const wire = new TagOnWire(map, tag)
    let held: number | undefined
    const change = (value: number) => {
      if (by !== undefined) return value + by
      held ??= value
      return held
    }
    let giveBack: (() => void) | undefined
    return {
      ...{ tags: [tag], hosts: [], insistSeconds: 0 },
      async strike() {
        giveBack = tamper?.(victim, { reply: (request, reply) => wire.inReply(request, reply, change) })
      },
      undo: async () => giveBack?.()
    }
  }
} satisfies Attack<typeof Parameters>
