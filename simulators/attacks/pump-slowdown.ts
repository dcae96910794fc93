// T0836 Modify Parameter: a foreign Modbus client lowers the speed setpoint of a pump, and code inside the PLC goes on
// reporting what the pump showed before.
import { z } from 'zod'
import { Noise } from '../plants/noise.ts'
import type { Distortion } from '../plc/plc.ts'
import { tagNamed } from '../plc/tag-map.ts'
import type { Attack, Foothold } from './attack.ts'
import { Cover, CoverSeed } from './cover.ts'
import { Forgery, steadily } from './forgery.ts'
import { type Hold, takeHold } from './hold.ts'
import { InsistSeconds } from './insist.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

/** By pump: where its speed is set, and what it reports. */
const USUAL: Usual<(pump: string) => { setpoint: string; reports: readonly string[] }> = {
  water: (pump) => ({ setpoint: `${pump}.speed-setpoint`, reports: [`${pump}.speed`, `${pump}.flow`, `${pump}.current`] }),
  heat: (pump) => ({ setpoint: 'pump.speed-setpoint', reports: [`${pump}.speed`, `${pump}.current`, 'secondary.flow'] })
}

const Parameters = z.strictObject({
  pump: z.enum(['lead', '1', '2']).default('lead').describe('The pump that is slowed down: the one that leads, or one by number.'),
  toPercent: z.number().min(0).max(100).default(70).describe('The speed that is written.'),
  cover: Cover,
  seed: CoverSeed,
  insistSeconds: InsistSeconds
})

export const pumpSlowdown = {
  name: 'pump-slowdown',
  title: { zh: '泵降速', en: 'Slowed pump' },
  technique: 'T0836',
  plants: plantsOf(USUAL),
  parameters: Parameters,
  async aim(foothold, { pump: wanted, toPercent, cover, seed, insistSeconds }) {
    const hold = await takeHold(foothold)
    const number = wanted === 'lead' ? (hold.before('pump.lead') === 2 ? '2' : '1') : wanted
    const { setpoint, reports } = usualIn(USUAL, foothold.map.plant)(`pump${number}`)
    hold.keep(setpoint)
    // A pump that stands still has nothing to hide.
    const kept = cover && hold.before(`pump${number}.running`) !== 0 ? reports : []
    const forgery = new Forgery(foothold, keptWhileRunning(foothold, hold, kept, new Noise(seed, 'pump-slowdown')))
    return {
      ...{ tags: [setpoint, ...kept], hosts: [hold.host], insistSeconds },
      async strike() {
        forgery.begin()
        await hold.write({ [setpoint]: toPercent })
      },
      async undo() {
        await hold.putBack()
        forgery.end()
      }
    }
  }
} satisfies Attack<typeof Parameters>

// Once the pump stands still it is shown standing still, or the lie would be plain.
function keptWhileRunning({ map }: Foothold, hold: Hold, tags: readonly string[], noise: Noise): Record<string, Distortion> {
  const [first = ''] = tags
  let running = true
  const kept = tags.map((tag) => {
    const show = steadily(tagNamed(map, tag), noise, hold.before(tag))
    return [
      tag,
      (value: number, seconds: number) => {
        if (tag === first) running = value > 0
        return running ? show(value, seconds) : value
      }
    ] as const
  })
  return Object.fromEntries(kept)
}
