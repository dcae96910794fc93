// The life of an alert without any storage: what findings make of it, and what people may.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALERT_ACTIONS, HANDLINGS, TRANSITIONS } from '#contract/alert.ts'
import { SEVERITIES, type Severity } from '#contract/finding.ts'
import { type AlertState, applyAction, applyFinding, type FindingFacts } from '../../../collector/alerts/lifecycle.ts'

const HOUR = 3_600_000
const active = (time: number, severity: Severity = 3): FindingFacts => ({ time, severity, condition: 'active' })
const cleared = (time: number): FindingFacts => ({ time, severity: 3, condition: 'cleared' })

function stateAfter(findings: FindingFacts[], change: Partial<AlertState> = {}): AlertState {
  let state: AlertState | undefined
  for (const finding of findings) {
    const effect = applyFinding(state, finding, HOUR)
    if (effect.effect !== 'none') state = effect.state
  }
  if (state === undefined) throw new Error('no alert came of the findings')
  return { ...state, ...change }
}

describe('findings', () => {
  it('raises, counts and keeps the times', () => {
    expect(stateAfter([active(10), active(30), active(20)])).toMatchObject({
      condition: 'active',
      handling: 'new',
      count: 3,
      firstSeen: 10,
      lastSeen: 30,
      episode: 1
    })
  })

  it('clears, and begins a new episode when it comes back', () => {
    const state = stateAfter([active(10), cleared(20)])
    expect(state).toMatchObject({ condition: 'cleared', clearedAt: 20 })
    expect(applyFinding(state, active(30), HOUR)).toMatchObject({
      what: 'raised',
      news: true,
      state: { condition: 'active', clearedAt: null, episode: 2 }
    })
  })

  it('clears nothing that was never raised', () => {
    expect(applyFinding(undefined, cleared(5), HOUR)).toEqual({ effect: 'none' })
  })

  it.each(['acknowledged', 'investigating', 'resolved'] as const)('sends %s back to new when it gets worse', (handling) => {
    const state = stateAfter([active(10, 3)], { handling, disposition: 'undetermined', resolvedBy: 'guard', assignee: 'guard' })
    expect(applyFinding(state, active(20, 4), HOUR)).toMatchObject({
      what: 'worse',
      news: true,
      state: { handling: 'new', severity: 4, disposition: null, resolvedBy: null, assignee: 'guard' }
    })
  })

  it('leaves an acknowledged alert alone while it only goes on', () => {
    const state = stateAfter([active(10)], { handling: 'acknowledged' })
    expect(applyFinding(state, active(20), HOUR)).toMatchObject({ what: 'repeated', news: false, state: { handling: 'acknowledged' } })
  })

  it('asks again when what was acknowledged had gone and comes back, but not whoever investigates', () => {
    const gone = [active(10), cleared(20)]
    expect(applyFinding(stateAfter(gone, { handling: 'acknowledged' }), active(30), HOUR)).toMatchObject({ state: { handling: 'new' } })
    expect(applyFinding(stateAfter(gone, { handling: 'investigating' }), active(30), HOUR)).toMatchObject({
      state: { handling: 'investigating' }
    })
  })

  it('reopens what was resolved within the window, and raises anew after it', () => {
    const state = stateAfter([active(10), cleared(20)], { handling: 'resolved', disposition: 'true-fault' })
    expect(applyFinding(state, active(20 + HOUR), HOUR)).toMatchObject({
      effect: 'change',
      state: { handling: 'new', episode: 2, disposition: null }
    })
    expect(applyFinding(state, active(21 + HOUR), HOUR)).toMatchObject({ effect: 'raise', state: { count: 1, episode: 1 } })
  })

  it('never wakes what was closed', () => {
    const state = stateAfter([active(10), cleared(20)], { handling: 'closed' })
    expect(applyFinding(state, active(21), HOUR)).toMatchObject({ effect: 'raise' })
    expect(applyFinding(state, active(15), HOUR)).toMatchObject({ effect: 'change', state: { handling: 'closed', count: 2 } })
    expect(applyFinding(state, active(15, 5), HOUR)).toMatchObject({ effect: 'raise', state: { severity: 5 } })
  })

  it('lets late findings count without turning back the condition', () => {
    const state = stateAfter([active(10), cleared(40)])
    expect(applyFinding(state, active(30), HOUR)).toMatchObject({
      what: 'repeated',
      state: { condition: 'cleared', clearedAt: 40, count: 2 }
    })
    expect(applyFinding(stateAfter([active(10), active(30)]), cleared(20), HOUR)).toEqual({ effect: 'none' })
  })

  it('comes to the same figures in whatever order the later findings arrive', () => {
    const facts = fc.uniqueArray(
      fc.record({
        time: fc.integer({ min: 2, max: 1000 }),
        severity: fc.constantFrom(...SEVERITIES),
        condition: fc.constantFrom('active', 'cleared')
      }),
      { selector: ({ time }) => time, maxLength: 15 }
    )
    const shuffled = facts.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
    fc.assert(
      fc.property(shuffled, ([list, mixed]) => {
        const first = active(1)
        const state = stateAfter([first, ...mixed])
        const all: FindingFacts[] = [first, ...list]
        const told = all.filter(({ condition }) => condition === 'active')
        const last = all.reduce((a, b) => (b.time > a.time ? b : a))
        expect(state).toMatchObject({
          count: told.length,
          firstSeen: 1,
          lastSeen: Math.max(...told.map(({ time }) => time)),
          severity: Math.max(...told.map(({ severity }) => severity)),
          condition: last.condition,
          handling: 'new'
        })
        expect(state.clearedAt !== null).toBe(state.condition === 'cleared')
      })
    )
  })
})

describe('actions', () => {
  const table = ALERT_ACTIONS.flatMap((action) => HANDLINGS.map((handling) => ({ action, handling })))
  it.each(table)('$action on $handling', ({ action, handling }) => {
    const state = stateAfter([active(10)], { handling })
    const { from, to } = TRANSITIONS[action]
    const result = applyAction(state, { action, account: 'guard' })
    if (from.includes(handling)) expect(result).toMatchObject({ state: { handling: to ?? handling } })
    else expect(result).toEqual({ refused: 'ACTION_NOT_POSSIBLE' })
  })

  it('needs a disposition to resolve what is high or critical', () => {
    for (const severity of SEVERITIES) {
      const state = stateAfter([active(10, severity)])
      const bare = applyAction(state, { action: 'resolve', account: 'guard' })
      if (severity >= 4) expect(bare).toEqual({ refused: 'DISPOSITION_NEEDED' })
      else expect(bare).toMatchObject({ state: { handling: 'resolved' } })
      expect(applyAction(state, { action: 'resolve', account: 'guard', disposition: 'true-attack' })).toMatchObject({
        state: { handling: 'resolved', disposition: 'true-attack', resolvedBy: 'guard' }
      })
    }
  })

  it('needs another person to close what is critical', () => {
    const critical = stateAfter([active(10, 5)], { handling: 'resolved', resolvedBy: 'guard' })
    expect(applyAction(critical, { action: 'close', account: 'guard' })).toEqual({ refused: 'SECOND_PERSON_NEEDED' })
    expect(applyAction(critical, { action: 'close', account: 'other' })).toMatchObject({ state: { handling: 'closed' } })
    const high = stateAfter([active(10, 4)], { handling: 'resolved', resolvedBy: 'guard' })
    expect(applyAction(high, { action: 'close', account: 'guard' })).toMatchObject({ state: { handling: 'closed' } })
  })

  it('forgets disposition and resolver when an alert is taken up again', () => {
    const state = stateAfter([active(10)], { handling: 'closed', disposition: 'duplicate', resolvedBy: 'guard' })
    expect(applyAction(state, { action: 'reopen', account: 'other' })).toMatchObject({
      state: { handling: 'investigating', disposition: null, resolvedBy: null, assignee: 'other' }
    })
  })
})
