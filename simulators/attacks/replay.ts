// T0856 Spoof Reporting Message: code inside the PLC shows over and over what some measurements showed a day ago.
import { z } from 'zod'
import type { Attack, Foothold } from './attack.ts'
import { forgingAim } from './forgery.ts'
import { TargetTag } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<readonly string[]> = {
  water: ['tower.level', 'tower.inflow', 'zone.flow', 'zone.pressure', 'chlorine.residual'],
  heat: ['supply.temperature', 'return.temperature', 'secondary.flow', 'heat.power'],
  gas: ['outlet.pressure', 'network.pressure', 'station.flow', 'odorant.concentration']
}

const Parameters = z.strictObject({
  tag: TargetTag('measurement').optional().describe('The measurement that is replayed; by default those that matter in the plant.'),
  agoSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .default(86_400)
    .describe('How long ago the stretch began that is shown again; a younger plant shows what it has.'),
  stretchSeconds: z.int().min(10).max(86_400).default(3600).describe('How long the stretch is, in seconds; then it begins anew.')
})

export const replay = {
  name: 'replay',
  title: { zh: '历史数据重放', en: 'Replay of yesterday' },
  technique: 'T0856',
  plants: plantsOf(USUAL),
  needsPast: true,
  parameters: Parameters,
  async aim(foothold, { tag, agoSeconds, stretchSeconds }) {
    const tags = tag === undefined ? usualIn(USUAL, foothold.map.plant) : [tag]
    let start: number | undefined
    const replayed = tags.map((name) => {
      const stretch = stretchOf(foothold, name, agoSeconds).slice(0, stretchSeconds)
      const shown = (_value: number, seconds: number) => {
        start ??= seconds
        // The plant adds up tenths of a second, which are not exact.
        return stretch[Math.floor(seconds - start + 1e-6) % stretch.length] ?? 0
      }
      return [name, shown] as const
    })
    return forgingAim(foothold, Object.fromEntries(replayed))
  }
} satisfies Attack<typeof Parameters>

// From so many seconds ago, or from as far back as anybody wrote down, to now.
function stretchOf({ past }: Foothold, tag: string, agoSeconds: number): Float64Array {
  let ago = agoSeconds
  while (ago > 0 && past(tag, ago) === undefined) ago--
  if (ago === 0) throw new RangeError(`nobody wrote down what ${tag} showed`)
  return Float64Array.from({ length: ago }, (_, i) => past(tag, ago - i) ?? 0)
}
