// Which steps of a scenario a run can play. What cannot be played is left out and told, never counted as missed.
import { z } from 'zod'
import { Text } from '#contract/text.ts'
import { createLog, type Log } from '#runtime/log.ts'
import { attackNamed } from '../simulators/player.ts'
import type { Scenario, Step } from '../simulators/scenario.ts'

export const NotPlayed = z
  .strictObject({
    scenario: z.string().describe('The name of the scenario.'),
    name: z.string().describe('The attack or fault.'),
    at: z.number().min(0).describe('When it was to begin, in seconds after the start.'),
    reason: Text.describe('Why it was not played.')
  })
  .describe('A step of a timeline that was not played: it counts neither as detected nor as missed.')
export type NotPlayed = z.infer<typeof NotPlayed>

export interface Playable {
  scenario: Scenario
  notPlayed: NotPlayed[]
}

const NEEDS_LIVE = { zh: '未播放：需要 --live', en: 'not played: needs --live' }
const NEEDS_FAST = {
  zh: '未播放：需要 --fast，因为真实时钟无法单独偏移',
  en: 'not played: needs --fast, as a real clock cannot be shifted alone'
}
const CUT = { zh: '未播放：在 --for 之后', en: 'not played: comes after --for' }

export function playableIn(mode: 'fast' | 'live', named: { name: string; scenario: Scenario }, seconds: number): Playable {
  const { name, scenario } = named
  const notPlayed: NotPlayed[] = []
  const timeline = scenario.timeline.filter((step) => {
    const reason = step.at >= seconds ? CUT : obstacle(mode, step)
    if (reason !== null) notPlayed.push({ scenario: name, name: nameOf(step), at: step.at, reason })
    return reason === null
  })
  return { scenario: notPlayed.length === 0 ? scenario : { ...scenario, timeline }, notPlayed }
}

export const nameOf = ({ attack, fault }: Pick<Step, 'attack' | 'fault'>): string => attack ?? fault ?? ''

function obstacle(mode: 'fast' | 'live', step: Step): Text | null {
  if (mode === 'live') return step.attack === 'agent-clock-shifted' ? NEEDS_FAST : null
  return attackNamed(nameOf(step))?.needs?.includes('opcua') === true ? NEEDS_LIVE : null
}

const FailedStep = z.object({ step: z.string(), at: z.number(), err: z.object({ message: z.string() }) })

/** The log of a scene, out of which the steps are told that failed while they were played. */
export function stepLog(scenario: string, onNotPlayed: (one: NotPlayed) => void): Log {
  const write = (line: string) => {
    const { data } = FailedStep.safeParse(JSON.parse(line))
    if (data === undefined) return
    const why = data.err.message.slice(0, 300)
    onNotPlayed({ scenario, name: data.step, at: data.at, reason: { zh: `未能播放：${why}`, en: `could not be played: ${why}` } })
  }
  return createLog({ name: 'range', level: 'error', destination: { write } })
}
