// The engineer comes at an hour that no book knows: from the engineering workstation something is taken out of service and put
// back afterwards, or a meter is calibrated. Rightful work, and labelled so that an alert about it is no detection.
import { z } from 'zod'
import { takeHold } from '../attacks/hold.ts'
import { TargetTag } from '../attacks/target.ts'
import type { PlantKind } from '../plants/plant.ts'
import { PlayFault } from '../play-fault.ts'
import type { Fault } from './fault.ts'

/** One of a pair: the command that is switched off, and what the PLC shows of it while it does its work or cannot. */
interface Unit {
  readonly command: string
  readonly works: string
  readonly failed: string
}

const pump = (name: string): Unit => ({ command: `${name}.auto`, works: `${name}.running`, failed: `${name}.fault` })
const line = (name: string): Unit => ({ command: `${name}.open`, works: `${name}.valve-open`, failed: `${name}.slammed` })
const PUMPS = { pair: [pump('pump1'), pump('pump2')], lead: 'pump.lead' } as const
const LINES = { pair: [line('line1'), line('line2')], lead: 'line.active' } as const

// The pairs of which one is not missed, the setpoint that says which one leads, and the factor of the main meter.
const USUAL: Readonly<Record<PlantKind, { pair: readonly [Unit, Unit]; lead: string; factor: string }>> = {
  water: { ...PUMPS, factor: 'zone2.meter-factor' },
  heat: { ...PUMPS, factor: 'meter.flow-factor' },
  gas: { ...LINES, factor: 'line1.meter-factor' }
}

const Parameters = z.strictObject({
  work: z
    .enum(['out-of-service', 'calibration'])
    .default('out-of-service')
    .describe('What is done: a unit is switched off for the time, or the factor of a meter is corrected for good.'),
  tag: TargetTag('setpoint', 'command')
    .optional()
    .describe(
      'The command that is switched off, which must be on, or the factor that is corrected; by default of what does not run or stands by, and of the main meter.'
    ),
  percent: z.number().min(-5).max(5).default(0.3).describe('By how much the factor is corrected, in percent.')
})

export const maintenance = {
  name: 'maintenance',
  title: { zh: '计划外检修', en: 'Maintenance' },
  parameters: Parameters,
  async aim({ map, seconds, rightful, workstation }, { work, tag, percent }) {
    const hold = await takeHold({ map, seconds, rightful, link: workstation })
    // The engineer goes by the book of the works, whatever an attacker makes the PLC show.
    const agreed = (tag: string) => rightful.value(tag) ?? hold.before(tag)
    const { factor, ...units } = USUAL[map.plant]
    const calibrates = work === 'calibration'
    const target = tag ?? (calibrates ? factor : spare(units, agreed).command)
    const before = agreed(target)
    // Whoever took it out puts it back, which nobody else may do for him or undo.
    if (!calibrates && before === 0)
      throw new PlayFault('PLAY_RUNNING', { zh: `${target} 已经停用`, en: `${target} is out of service already` })
    const write = async (value: number) => {
      await hold.write({ [target]: value })
      rightful.wrote({ [target]: value })
    }
    return {
      ...{ tags: [target], hosts: [hold.host] },
      strike: () => write(calibrates ? before * (1 + percent / 100) : 0),
      // A corrected factor stays: that is what the engineer came for.
      undo: async () => (calibrates ? undefined : write(before))
    }
  }
} satisfies Fault<typeof Parameters>

// Whoever comes looks first which of the two is missed least: one that is off or has failed, then one that does not run; where they
// are alike, the one that does not lead.
function spare({ pair, lead }: Pick<(typeof USUAL)[PlantKind], 'pair' | 'lead'>, shown: (tag: string) => number): Unit {
  const [first, second] = pair
  const missed = ({ command, works, failed }: Unit) => (shown(command) === 0 || shown(failed) === 1 ? 0 : 1 + shown(works))
  if (missed(first) !== missed(second)) return missed(first) < missed(second) ? first : second
  return shown(lead) === 2 ? first : second
}
