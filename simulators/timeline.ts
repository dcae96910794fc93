// The timeline of a scenario: which attack or fault comes when, checked against its own parameters and the map of the plant.
import { z } from 'zod'
import { bilingual, readersError } from '#runtime/config-file.ts'
import { ATTACKS } from './attacks/attacks.ts'
import { FAULTS } from './faults/faults.ts'
import type { PlantKind } from './plants/plant.ts'
import { plantFaults } from './play-parameters.ts'
import { attackNamed, faultNamed, playKey } from './player.ts'
import type { TagMap } from './plc/tag-map.ts'

export const Span = z
  .string()
  .regex(/^\d{1,3}:[0-5]\d(:[0-5]\d)?$/, {
    error: bilingual(
      '应为 "时:分" 或 "时:分:秒"，例如 "00:01:00"',
      'must be "hours:minutes" or "hours:minutes:seconds", for example "00:01:00"'
    )
  })
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number)
    return hours * 3600 + minutes * 60 + seconds
  })

// Before that there is nothing worth showing again.
const LEAST_PAST_SECONDS = 60

// Keys of an object literal are exactly those of its type.
const ATTACK_NAMES = Object.keys(ATTACKS) as (keyof typeof ATTACKS)[]
const FAULT_NAMES = Object.keys(FAULTS) as (keyof typeof FAULTS)[]

// What an editor needs to know: with which name go which parameters.
const parametersByName = [
  ...ATTACK_NAMES.map((name) => ({ key: 'attack', name, parameters: ATTACKS[name].parameters })),
  ...FAULT_NAMES.map((name) => ({ key: 'fault', name, parameters: FAULTS[name].parameters }))
].map(({ key, name, parameters }) => {
  const { $schema: _, ...schema } = z.toJSONSchema(parameters, { io: 'input' })
  const when = { properties: { [key]: { const: name } }, required: [key] }
  const wants = schema.required === undefined ? {} : { required: ['with'] }
  return Object.fromEntries([
    ['if', when],
    ['then', { properties: { with: schema }, ...wants }]
  ])
})
const eitherOne = { oneOf: [{ required: ['attack'] }, { required: ['fault'] }] }

export const Step = z
  .strictObject({
    at: Span.describe('When it starts, in simulated time after the start, as "hours:minutes" or "hours:minutes:seconds".'),
    for: Span.refine((seconds) => seconds > 0, bilingual('须长于零', 'must be longer than nothing'))
      .optional()
      .describe('After how long its harm is undone; without it, it lasts to the end.'),
    attack: z.enum(ATTACK_NAMES).optional().describe('The attack that is played.'),
    fault: z.enum(FAULT_NAMES).optional().describe('The fault that is played, which is no attack.'),
    with: z
      .unknown()
      .optional()
      .describe('Its parameters, which the reference of attacks and of faults tells; left out, they are the usual ones.')
  })
  .superRefine((step, context) => {
    if ((step.attack === undefined) === (step.fault === undefined))
      return void context.addIssue({
        code: 'custom',
        path: [],
        message: bilingual('attack 与 fault 须且仅须给出一个', 'needs either attack or fault')()
      })
    const checked = parametersOf(step)?.safeParse(step.with ?? {}, { error: readersError })
    for (const issue of checked?.error?.issues ?? []) context.addIssue({ ...issue, path: ['with', ...issue.path] })
  })
  .transform((step) => ({ ...step, with: parametersOf(step)?.safeParse(step.with ?? {}).data ?? {} }))
  .meta({ allOf: [eitherOne, ...parametersByName] })
  .describe('One attack or fault of the timeline.')
export type Step = z.infer<typeof Step>

function parametersOf({ attack, fault }: { attack?: string | undefined; fault?: string | undefined }): z.ZodType | undefined {
  return attack === undefined ? faultNamed(fault ?? '')?.parameters : attackNamed(attack)?.parameters
}

export interface TimelineFault {
  path: (string | number)[]
  zh: string
  en: string
}

export interface Surroundings {
  plant: PlantKind
  map: TagMap
  /** How long the scenario lasts, when it says so. */
  lasts: number | undefined
  hasOpcua: boolean
}

/** What cannot be played in this plant, or not at that time. Steps may be among them that are no steps at all. */
export function timelineFaults(timeline: readonly Step[], { plant, map, lasts, hasOpcua }: Surroundings): TimelineFault[] {
  return timeline.flatMap((step, i) => {
    if (!isReadable(step)) return []
    const faults = [
      ...misplaced(step, plant),
      ...without(step, hasOpcua),
      ...untimely(step, lasts),
      ...strangers(step, map),
      ...overlapping(timeline, i)
    ]
    return faults.map((fault) => ({ ...fault, path: ['timeline', i, ...fault.path] }))
  })
}

// What is wrong in itself has been told already.
const isReadable = ({ at, for: duration, attack, fault }: Step): boolean =>
  typeof at === 'number' &&
  ['undefined', 'number'].includes(typeof duration) &&
  [attack, fault].every((name) => ['undefined', 'string'].includes(typeof name))

// Attacks for which the scenario has not made ready.
function without({ attack, at }: Step, hasOpcua: boolean): TimelineFault[] {
  const { needs = [], needsPast = false } = (attack === undefined ? undefined : attackNamed(attack)) ?? {}
  if (needs.includes('opcua') && !hasOpcua)
    return [
      {
        path: ['attack'],
        zh: `${attack} 须有 opcua：场景没有 OPC UA 服务器`,
        en: `${attack} needs opcua: the scenario has no OPC UA server`
      }
    ]
  if (needsPast && at < LEAST_PAST_SECONDS)
    return [
      {
        path: ['at'],
        zh: `${attack} 须先有可用的过去：最早在 00:01 开始`,
        en: `${attack} needs something that was before: it starts at 00:01 at the earliest`
      }
    ]
  return []
}

function untimely({ at, for: duration = 0 }: Step, lasts: number | undefined): TimelineFault[] {
  if (lasts === undefined || (at < lasts && at + duration <= lasts)) return []
  if (at >= lasts)
    return [{ path: ['at'], zh: `场景此时已结束：lasts 为 ${lasts} 秒`, en: `the scenario is over by then: it lasts ${lasts} seconds` }]
  return [{ path: ['for'], zh: `超出场景时长：lasts 为 ${lasts} 秒`, en: `is longer than the scenario goes on: it lasts ${lasts} seconds` }]
}

function misplaced({ attack }: Step, plant: PlantKind): TimelineFault[] {
  const plants = attack === undefined ? undefined : attackNamed(attack)?.plants
  if (plants === undefined || plants.includes(plant)) return []
  return [{ path: ['attack'], zh: `${attack} 不适用于 ${plant} 厂站`, en: `${attack} is not for a ${plant} plant` }]
}

function strangers({ attack, fault, with: given }: Step, map: TagMap): TimelineFault[] {
  const play = attackNamed(attack ?? '') ?? faultNamed(fault ?? '')
  return play === undefined ? [] : plantFaults(play, given, map).map(({ key, zh, en }) => ({ path: ['with', key], zh, en }))
}

const keyOf = (step: Step): string => playKey(step.attack ?? step.fault ?? '', step.with)

function overlapping(timeline: readonly Step[], i: number): TimelineFault[] {
  const step = timeline[i]
  if (step === undefined) return []
  const name = keyOf(step)
  if (!timeline.some((other, j) => j !== i && keyOf(other) === name && begins(other, step, j < i))) return []
  return [{ path: ['at'], zh: `${name} 此时仍在进行`, en: `${name} is still being played at that time` }]
}

// Whether the step would start while the other one, which is earlier, is still being played. At the second at which it ends it is over.
function begins(other: Step, step: Step, listedBefore: boolean): boolean {
  const earlier = other.at < step.at || (other.at === step.at && listedBefore)
  return earlier && step.at < other.at + (other.for ?? Number.POSITIVE_INFINITY)
}
