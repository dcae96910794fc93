// Which steps of a scenario a run can play. What cannot be played is left out and told, never counted as missed.
import { z } from 'zod'
import type { Text } from '#contract/text.ts'
import { createLog, type Log } from '#runtime/log.ts'
import { attackNamed } from '../simulators/player.ts'
import type { Scenario, Step } from '../simulators/scenario.ts'
import type { FailedStep, NotPlayed } from './not-played.ts'

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
  // Nothing takes time in a run without sockets: its label would account for alerts that it has no part in.
  if (step.fault === 'slow-line') return NEEDS_LIVE
  return attackNamed(nameOf(step))?.needs?.includes('opcua') === true ? NEEDS_LIVE : null
}

const LoggedStep = z.object({ step: z.string(), at: z.number(), label: z.string().optional(), err: z.object({ message: z.string() }) })

/** The log of a scene, out of which the steps are told that failed while they were played. */
export function stepLog(scenario: string, onFailed: (one: FailedStep) => void): Log {
  const write = (line: string) => {
    const { data } = LoggedStep.safeParse(JSON.parse(line))
    if (data === undefined) return
    const { step: name, at, label } = data
    const why = data.err.message.slice(0, 300)
    const reason = { zh: `未能播放：${why}`, en: `could not be played: ${why}` }
    onFailed({ scenario, name, at, reason, ...(label === undefined ? {} : { label }) })
  }
  return createLog({ name: 'range', level: 'error', destination: { write } })
}
