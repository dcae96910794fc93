// T0878 Alarm Suppression: code inside the PLC reports an alarm as quiet, whatever the plant does.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { forgingAim } from './forgery.ts'
import { TargetTag } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<readonly string[]> = {
  water: ['tower.high-alarm', 'tower.low-alarm', 'zone2.low-alarm', 'zone2.high-alarm'],
  heat: ['supply.high-alarm', 'pressure.high-alarm', 'pressure.low-alarm'],
  gas: ['outlet.high-alarm', 'outlet.low-alarm', 'odorant.alarm']
}

const Parameters = z.strictObject({
  tag: TargetTag('status').optional().describe('The status whose report is held; by default the alarms that matter in the plant.'),
  value: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .describe('What it is held at.')
})

export const alarmSuppression = {
  name: 'alarm-suppression',
  title: { zh: '报警抑制', en: 'Suppressed alarm' },
  technique: 'T0878',
  plants: plantsOf(USUAL),
  parameters: Parameters,
  async aim(foothold, { tag, value }) {
    const tags = tag === undefined ? usualIn(USUAL, foothold.map.plant) : [tag]
    return forgingAim(foothold, Object.fromEntries(tags.map((name) => [name, () => value])))
  }
} satisfies Attack<typeof Parameters>
