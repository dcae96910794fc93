// The promise of the rule packs, kept by the simulated waterworks: a quiet day is quiet, and each attack is named in time.
import { describe, expect, it } from 'vitest'
import { DAY_SECONDS } from '../../simulators/plants/plant.ts'
import { playWaterDay, type WaterDay } from '../parts/water-day.ts'

// These judge what is told only when something happens, so on a quiet day they have nothing to look at.
const TOLD = ['fleet/identity', 'fleet/device-event']

const told = ({ alerts }: WaterDay) => alerts.map(({ rule, tag, reason }) => `${rule} ${tag}: ${reason.en}`)

describe('a day without attack', () => {
  it('raises no alert from Monday midnight to midnight, the operator at work and every check judging', async () => {
    const day = await playWaterDay({ seconds: DAY_SECONDS, seed: 7, startsAt: 'mon 00:00' })
    expect(told(day)).toEqual([])
    expect(day.labels).toEqual([])
    expect(day.samples.read).toBe(DAY_SECONDS * 38)
    expect(day.counts).toEqual({ judged: day.samples.sent, late: 0, unknown: 0, restarted: 0 })
    for (const check of day.checks) {
      const isTold = TOLD.includes(check.kind)
      expect(check, check.id).toMatchObject({ subjects: expect.toSatisfy((count) => isTold || count > 0), faults: 0 })
    }
    expect(day.checks.filter(({ kind }) => !TOLD.includes(kind)).length).toBeGreaterThan(20)
    // Only the first reading of a pair cannot be judged, as the other one is not known yet.
    expect(Math.max(...day.checks.map(({ notEvaluable }) => notEvaluable))).toBeLessThanOrEqual(38)
  })

  it('raises none on a Saturday with other chances either', async () => {
    const day = await playWaterDay({ seconds: DAY_SECONDS / 2, stepMs: 1000, seed: 2027, startsAt: 'sat 06:00' })
    expect(told(day)).toEqual([])
    expect(day.counts.judged).toBeGreaterThan(DAY_SECONDS)
  })
})

describe('an attack', () => {
  const START = 600
  const SPAN = 300

  const attacks = [
    { attack: 'setpoint-tamper', technique: 'T0836', rule: 'water/chlorine-setpoint' },
    { attack: 'sensor-freeze', technique: 'T0856', rule: 'water/tower-level-stuck' },
    { attack: 'pump-stop', technique: 'T0855', rule: 'water/lead-pump-automatic' }
  ]
  const hours = ['mon 08:00', 'wed 03:20', 'sat 20:40']

  describe.each(attacks)('$attack', ({ attack, technique, rule }) => {
    it.each(hours)(
      'raises one alert with its technique within 60 seconds, none before, and it clears afterwards (%s)',
      async (startsAt) => {
        const day = await playWaterDay({
          seconds: START + SPAN + 120,
          seed: 7,
          startsAt,
          attacks: [{ at: '00:10:00', for: '00:05:00', attack }]
        })
        const [label] = day.labels
        if (label === undefined) throw new Error('nothing was played')
        expect(label).toMatchObject({ name: attack, technique })
        expect(day.alerts.filter(({ firstSeen }) => firstSeen < label.start)).toEqual([])
        const named = day.alerts.filter(({ techniques }) => techniques.includes(technique))
        expect(named.map((alert) => alert.rule)).toEqual([rule])
        const [alert] = named
        expect((alert?.firstSeen ?? Number.POSITIVE_INFINITY) - label.start).toBeLessThanOrEqual(60_000)
        expect(alert?.tags.some((tag) => label.tags.includes(tag))).toBe(true)
        expect(alert).toMatchObject({ condition: 'cleared', count: 1, episode: 1, site: label.site })
        expect(alert?.clearedAt).toBeGreaterThanOrEqual(label.end ?? Number.POSITIVE_INFINITY)
      }
    )
  })
})
