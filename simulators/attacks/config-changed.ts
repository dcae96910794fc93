// T0838 Modify Alarm Settings: a tag is taken out of the config of our agent, so that what happens to it is not reported any more.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { eyesOf } from './eyes.ts'
import { TargetTag } from './target.ts'
import { usualTag } from './usual-tag.ts'

const Parameters = z.strictObject({
  tag: TargetTag().optional().describe('The tag that is left out; by default one that the works keep a history of.')
})

export const configChanged = {
  name: 'config-changed',
  title: { zh: '代理配置被篡改', en: 'Changed config of the agent' },
  technique: 'T0838',
  needs: ['eyes'],
  parameters: Parameters,
  async aim(foothold, { tag = usualTag(foothold.map, 'measurement') }) {
    const eyes = eyesOf(foothold)
    return {
      ...{ tags: [tag], hosts: [eyes.agent], insistSeconds: 0 },
      strike: () => eyes.leaveOut(tag),
      undo: () => eyes.leaveOut(null)
    }
  }
} satisfies Attack<typeof Parameters>
