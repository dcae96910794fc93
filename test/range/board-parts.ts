// A small board: one attack seen, one missed, and a quiet scenario of two days with one false alert.
import { type ScoredAlert, scoreScenario } from '#rules/score.ts'
import { type Board, buildBoard } from '../../range/board.ts'
import type { NotPlayed } from '../../range/not-played.ts'
import { label } from './parts.ts'

const DAY = 86_400_000

export const alert = (more: Partial<ScoredAlert> = {}): ScoredAlert => ({
  ...{ site: 'east', agent: 'edge-1', device: 'plc-1', tag: 'level', tags: ['level'], rule: 'water/level' },
  ...{ techniques: ['T0836'], firstSeen: 14_500, severity: 4, title: { zh: '水位 <异常>', en: 'Level & more' } },
  ...more
})

export const LABELS = [
  label({ start: 2000, end: 20_000 }),
  label({ id: 'a2', name: '阀门 "<hammer>"', start: 2_000_000, end: 2_100_000, technique: 'T0831', tags: ['valve'], hosts: [] })
]

/** A step that was left out, with a name that would break a page. */
export const NOT_PLAYED: NotPlayed = {
  ...{ scenario: 'two-attacks', name: 'endpoint-sweep', at: 1500 },
  reason: { zh: '未播放：需要 <--live>', en: 'not played: needs <--live>' }
}

export function someBoard(more: Partial<Pick<Board, 'mode' | 'live' | 'notPlayed' | 'unfinished'>> = {}): Board {
  const attacks = scoreScenario({
    ...{ scenario: 'two-attacks', site: 'east', span: { start: 0, end: 3_000_000 }, labels: LABELS, alerts: [alert()] }
  })
  const quiet = scoreScenario({ scenario: '安静的两天', site: 'east', span: { start: 0, end: 2 * DAY }, labels: [], alerts: [alert()] })
  return buildBoard({ ...{ mode: 'fast', graceSeconds: 300, scenarios: [attacks, quiet] }, ...more })
}
