// T0856 Spoof Reporting Message: somebody at the broker publishes values under the name of our agent.
import { z } from 'zod'
import { tagNamed } from '../plc/tag-map.ts'
import type { Attack } from './attack.ts'
import { eyesOf } from './eyes.ts'
import { TargetTag } from './target.ts'
import { usualTag } from './usual-tag.ts'

const Parameters = z.strictObject({
  tag: TargetTag('measurement', 'status')
    .optional()
    .describe('The tag that is lied about; by default one that the works keep a history of.'),
  value: z.number().optional().describe('The value that is told, in the unit of the tag; by default the middle of its range.'),
  everySeconds: z.number().min(0).max(3600).default(5).describe('After how many seconds it is told again; 0 tells it once.')
})

export const forgedMessage = {
  name: 'forged-message',
  title: { zh: '冒名报文', en: 'Forged message' },
  technique: 'T0856',
  needs: ['eyes'],
  parameters: Parameters,
  async aim(foothold, { tag = usualTag(foothold.map, 'measurement'), value, everySeconds }) {
    const eyes = eyesOf(foothold)
    const { low, high } = tagNamed(foothold.map, tag).range ?? { low: 0, high: 2 }
    return {
      ...{ tags: [tag], hosts: [eyes.agent], insistSeconds: everySeconds },
      strike: () => eyes.forge(tag, value ?? (low + high) / 2),
      // What was published cannot be taken back; it is told no more.
      undo: async () => {}
    }
  }
} satisfies Attack<typeof Parameters>
