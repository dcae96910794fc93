// T0836 Modify Parameter: a foreign Modbus client raises the outlet pressure of a gate station, and with it the alarm limit
// and the monitors that would hold it.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { coveredAim } from './covered-write.ts'
import { InsistSeconds } from './insist.ts'

const Parameters = z.strictObject({
  value: z.number().min(0).max(10).default(5).describe('The outlet pressure that is asked for, in bar.'),
  limit: z.number().min(0).max(10).default(6).describe('What the high alarm limit becomes, in bar.'),
  monitors: z.number().min(0).max(10).default(5.6).describe('What the monitors of both lines are set to, in bar.'),
  insistSeconds: InsistSeconds
})

export const regulatorOverpressure = {
  name: 'regulator-overpressure',
  title: { zh: '调压器超压', en: 'Regulator overpressure' },
  technique: 'T0836',
  plants: ['gas'],
  parameters: Parameters,
  aim: (foothold, { value, limit, monitors, insistSeconds }) =>
    coveredAim(foothold, {
      // What would speak or hold comes first.
      write: {
        'outlet.high-limit': limit,
        'line1.monitor-setpoint': monitors,
        'line2.monitor-setpoint': monitors,
        'outlet.pressure-setpoint': value
      },
      ...{ cover: [], seed: 0, insistSeconds }
    })
} satisfies Attack<typeof Parameters>
