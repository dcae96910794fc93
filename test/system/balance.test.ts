// The short form of `node test/system/balance-run.ts`, and that it would tell if something were wrong.
import { describe, expect, it } from 'vitest'
import { PLANTS } from '../../simulators/plants/plant.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { createWorks } from '../../simulators/works.ts'
import { balanceOf, lostIn, MeterBook } from './balance.ts'

const SHORT = { seconds: 3 * 86_400, stepMs: 20_000 }

describe.each(PLANTS)('some days of a %s plant', (plant) => {
  it('close by what the plant knows and by its meters, though their reports are falsified', async () => {
    const scenario = Scenario.parse({
      ...{ plant, seed: 6, startsAt: 'mon 00:00', startDay: 20 },
      timeline: [
        { at: '06:00', attack: 'totaliser-rollback' },
        { at: '30:00', for: '04:00', attack: 'sensor-bias' },
        { at: '40:00', for: '01:00', fault: 'maintenance' }
      ]
    })
    const { truth, meters, received, leaks, leftOut } = await balanceOf(scenario, SHORT)
    expect(truth).toBeLessThan(1e-9)
    expect(Math.abs(meters)).toBeLessThan(0.005)
    expect(received).toBeGreaterThan(100)
    expect([leaks, leftOut]).toEqual([false, []])
  })

  it('do not close when a meter shows one per cent too much', async () => {
    const { plc } = await createWorks(plant, { seed: 6, startDay: 20, scanMs: 20_000 })
    plc.scan()
    const begins = new Map<string, number>()
    const book = new MeterBook(
      {
        measure: (put) =>
          plc.measure((tag, value) => {
            const first = begins.get(tag) ?? value
            begins.set(tag, first)
            put(tag, ['volume.total', 'heat.energy', 'station.total'].includes(tag) ? first + 1.01 * (value - first) : value)
          })
      },
      plant
    )
    for (let i = 0; i < SHORT.seconds / 20; i++) {
      plc.scan()
      book.note(20)
    }
    expect(book.balance.missing / book.balance.received).toBeGreaterThan(0.005)
  })
})

it('a scenario in which something leaks is told from one in which nothing does', async () => {
  const timeline = [{ at: '00:10', fault: 'breakdown', with: { what: 'leak' } }]
  const { leaks, meters } = await balanceOf(Scenario.parse({ plant: 'gas', lasts: '72:00', timeline }), SHORT)
  expect(leaks).toBe(true)
  expect(meters).toBeGreaterThan(0.005)
})

it('what a plant lost or made is a share of what it received', () => {
  const at = (received: number, given: number, held: number) => [{ name: 'works', unit: 'm3' as const, received, given, held }]
  expect(lostIn(at(0, 0, 50), at(100, 80, 70))).toBe(0)
  expect(lostIn(at(0, 0, 50), at(100, 80, 69))).toBeCloseTo(0.01)
  expect(lostIn(at(0, 0, 50), at(100, 82, 70))).toBeCloseTo(0.02)
})
