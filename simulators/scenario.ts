// A scenario: which plant a simulator plays, how its PLC is reached, and what happens when. Read from YAML.
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import { Text } from '#contract/text.ts'
import { bilingual, FilePath } from '#runtime/config-file.ts'
import { mapOf } from './maps.ts'
import { DAY_SECONDS, PLANTS, USUAL_START_DAY } from './plants/plant.ts'
import { ModbusServerConfig } from './plc/modbus-plc.ts'
import { OpcuaServerConfig } from './plc/opcua-config.ts'
import { plantHints } from './scenario-hints.ts'
import { Span, Step, timelineFaults } from './timeline.ts'

export { Step }

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

// The kernel sends nothing from such an address to another machine: whatever is played stays on this one.
const LoopbackAddress = z
  .ipv4()
  .max(15)
  .regex(/^127\./, { error: bilingual('应为回环地址，例如 127.0.0.66', 'must be a loopback address, for example 127.0.0.66') })

export const Scenario = z
  .strictObject({
    title: Text.optional().describe('What the scenario is about, for boards and pages.'),
    site: Id.default('east-water').describe('The site that labels name.'),
    plant: z.enum(PLANTS).default('water').describe('The plant that is played.'),
    seed: z.int().min(0).max(0x7fff_ffff).default(1).describe('The seed of all randomness: the same seed gives the same day.'),
    speed: z.number().min(0.1).max(1000).default(1).describe('How many seconds pass in the plant for each second of ours.'),
    scanMs: z.int().min(10).max(1000).default(100).describe('The scan cycle of the PLC, in milliseconds.'),
    startsAt: WeekTime.prefault('mon 08:00').describe('The weekday and time of day in the plant at the start.'),
    startDay: z
      .int()
      .min(0)
      .max(365)
      .default(USUAL_START_DAY)
      .describe('The day of the year at the start, counted from 0: it gives the season.'),
    lasts: Span.refine((seconds) => seconds > 0, bilingual('须长于零', 'must be longer than nothing'))
      .optional()
      .describe('How long the range plays it; by default ten minutes longer than the timeline, at least an hour.'),
    weather: z
      .strictObject({ warmer: z.number().min(-40).max(40).default(0).describe('How much warmer than the season it is, in degrees.') })
      .prefault({})
      .describe('The weather over the plant.'),
    modbus: ModbusServerConfig.prefault({}).describe('The Modbus server of the PLC.'),
    opcua: OpcuaServerConfig.optional(),
    operator: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the rightful operator polls the PLC and does the duties of the day.'),
        everySeconds: z.int().min(1).max(3600).default(1).describe('How often the screen of the operator is refreshed, in seconds.'),
        localAddress: LoopbackAddress.default('127.0.0.10').describe('The loopback address that the operator comes from.'),
        engineerAddress: LoopbackAddress.default('127.0.0.11').describe('The loopback address of the engineering workstation.')
      })
      .prefault({})
      .describe('The rightful people.'),
    attacker: z
      .strictObject({
        localAddress: LoopbackAddress.default('127.0.0.66').describe('The loopback address that attackers come from.')
      })
      .prefault({})
      .describe('The attacker.'),
    labels: FilePath.optional().describe(
      'The JSON lines file to which labels are appended: one line at the start of an attack or fault, one at its end.'
    ),
    timeline: z.array(Step).max(1000).default([]).describe('The attacks and faults that are played, in any order.')
  })
  .superRefine(
    ({ plant, timeline, lasts, opcua }, context) => {
      const around = { plant, map: mapOf(plant), lasts: typeof lasts === 'number' ? lasts : undefined, hasOpcua: opcua !== undefined }
      for (const { path, zh, en } of timelineFaults(timeline, around))
        context.addIssue({ code: 'custom', path, message: bilingual(zh, en)() })
    },
    // Also when something else is wrong, so that all faults are told at once.
    { when: ({ value }) => hasTimeline(value) }
  )
  .meta({ allOf: plantHints('water') })
  .describe('A scenario for the simulator.')
export type Scenario = z.infer<typeof Scenario>

// Of what may still be anything.
const hasTimeline = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'plant' in value &&
  PLANTS.some((plant) => plant === value.plant) &&
  'timeline' in value &&
  Array.isArray(value.timeline)

/** How long the range plays a scenario, in seconds. */
export function lengthOf({ lasts, timeline }: Pick<Scenario, 'lasts' | 'timeline'>): number {
  return lasts ?? Math.max(3600, ...timeline.map((step) => step.at + (step.for ?? 0) + 600))
}
