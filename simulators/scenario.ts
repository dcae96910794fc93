// A scenario: which plant a simulator plays, how its PLC is reached, and which attacks come when. Read from YAML.
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import { bilingual, FilePath } from '#runtime/config-file.ts'
import { pumpStop } from './attacks/pump-stop.ts'
import { sensorFreeze } from './attacks/sensor-freeze.ts'
import { setpointTamper } from './attacks/setpoint-tamper.ts'
import { DAY_SECONDS } from './plants/plant.ts'
import { ModbusServerConfig } from './plc/modbus-plc.ts'
import { OpcuaServerConfig } from './plc/opcua-config.ts'

const Span = z
  .string()
  .regex(/^\d{1,3}:[0-5]\d:[0-5]\d$/, {
    error: bilingual('应为 "时:分:秒"，例如 "00:01:00"', 'must be "hours:minutes:seconds", for example "00:01:00"')
  })
  .transform((text) => text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0))

const when = {
  at: Span.describe('When the attack starts, in simulated time after the start of the simulator, as "hours:minutes:seconds".'),
  for: Span.optional().describe('After how long its harm is undone; without it the attack lasts to the end.')
}

const Step = z
  .discriminatedUnion('attack', [
    z.strictObject({
      ...when,
      attack: z.literal('setpoint-tamper').describe('T0836: a foreign client writes a setpoint far outside its band.'),
      with: setpointTamper.parameters.prefault({}).describe('What is written, and where.')
    }),
    z.strictObject({
      ...when,
      attack: z.literal('sensor-freeze').describe('T0856: the PLC goes on reporting an old value as new.'),
      with: sensorFreeze.parameters.prefault({}).describe('Which report is held.')
    }),
    z.strictObject({
      ...when,
      attack: z.literal('pump-stop').describe('T0855: a foreign client switches the lead pump off.'),
      with: pumpStop.parameters.prefault({}).describe('Which pump is stopped.')
    })
  ])
  .describe('One attack of the timeline.')
export type Step = z.infer<typeof Step>

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const WeekTime = z
  .string()
  .regex(/^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$/, {
    error: bilingual('应为星期与时刻，例如 "mon 08:00"', 'must be a day and a time, for example "mon 08:00"')
  })
  .transform((text) => {
    const [day = 'mon', time = ''] = text.split(' ')
    const [hours, minutes] = time.split(':').map(Number)
    return DAYS.indexOf(day) * DAY_SECONDS + (hours ?? 0) * 3600 + (minutes ?? 0) * 60
  })

const LoopbackAddress = z.ipv4().max(15)

export const Scenario = z
  .strictObject({
    site: Id.default('east-water').describe('The site that labels name.'),
    plant: z.literal('water').default('water').describe('The plant that is played.'),
    seed: z.int().min(0).max(0x7fff_ffff).default(1).describe('The seed of all randomness: the same seed gives the same day.'),
    speed: z.number().min(0.1).max(1000).default(1).describe('How many seconds pass in the plant for each second of ours.'),
    scanMs: z.int().min(10).max(1000).default(100).describe('The scan cycle of the PLC, in milliseconds.'),
    startsAt: WeekTime.prefault('mon 08:00').describe('The weekday and time of day in the plant at the start.'),
    modbus: ModbusServerConfig.prefault({}).describe('The Modbus TCP server of the PLC.'),
    opcua: OpcuaServerConfig.optional(),
    operator: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the rightful operator polls the PLC and does the duties of the day.'),
        localAddress: LoopbackAddress.default('127.0.0.10').describe('The loopback address that the operator comes from.')
      })
      .prefault({})
      .describe('The rightful operator.'),
    attacker: z
      .strictObject({
        localAddress: LoopbackAddress.default('127.0.0.66').describe('The loopback address that attackers come from.')
      })
      .prefault({})
      .describe('The attacker.'),
    labels: FilePath.optional().describe(
      'The JSON lines file to which labels are appended: one line at the start of an attack, one at its end.'
    ),
    timeline: z.array(Step).max(1000).default([]).describe('The attacks that are played, in any order.')
  })
  .superRefine(({ timeline }, context) => {
    for (const [i, step] of timeline.entries())
      if (timeline.some((other, j) => j !== i && other.attack === step.attack && begins(other, step, j < i)))
        context.addIssue({
          code: 'custom',
          path: ['timeline', i, 'at'],
          message: bilingual(`${step.attack} 此时仍在进行`, `${step.attack} is still being played at that time`)()
        })
  })
  .describe('A scenario for the simulator.')
export type Scenario = z.infer<typeof Scenario>

// Whether the step would start while the other one, which is earlier, is still being played.
function begins(other: Step, step: Step, listedBefore: boolean): boolean {
  const earlier = other.at < step.at || (other.at === step.at && listedBefore)
  return earlier && step.at <= other.at + (other.for ?? Number.POSITIVE_INFINITY)
}
