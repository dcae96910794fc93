// Plants under their PLCs, whatever is set, broken and however coarse the scans: nothing is lost or made, and the meters agree.
// That the plants alone keep their balances under any command stands in the tests of each of them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TROUBLES } from '../../../simulators/faults/troubles.ts'
import { DAY_SECONDS, PLANTS, type PlantKind } from '../../../simulators/plants/plant.ts'
import { writeTag } from '../../../simulators/plc/tag-map.ts'
import { createWorks, type Works } from '../../../simulators/works.ts'
import { LEAKS, lostIn, MeterBook } from '../../system/balance.ts'

const SCANS_MS = [100, 500, 1000, 7000, 30_000, 60_000]
const ROUNDING = 1e-9
const CLOSE = 0.005

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const beginning = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fff_ffff }),
  startDay: fc.nat(364),
  startSeconds: fc.nat(7 * DAY_SECONDS)
})

/** Writes a setpoint or command somewhere from the lower to the upper end of what its register takes. */
function set({ map, plc }: Works, [which, where]: readonly [number, number]): void {
  const rows = Object.values(map.tags).filter(({ role }) => role === 'setpoint' || role === 'command')
  const row = rows[Math.floor(which * rows.length)]
  if (row === undefined) throw new RangeError('nothing to set')
  const { low, high } = row.range ?? { low: 0, high: 1 }
  writeTag(plc.image, row, row.role === 'command' ? Math.round(where) : low + (high - low) * where)
}

const share = number(0, 0.999)
const spell = fc.record({
  scans: fc.integer({ min: 1, max: 300 }),
  sets: fc.array(fc.tuple(share, share), { maxLength: 4 }),
  trouble: share,
  amount: fc.oneof(fc.constant(0), number(0, 3))
})

function upset({ map, troubles }: Works, { trouble, amount }: { trouble: number; amount: number }): void {
  const names = Object.entries(TROUBLES[map.plant])
  const [name = '', { usual } = { usual: 0 }] = names[Math.floor(trouble * names.length)] ?? []
  troubles[name] = usual * amount
}

describe.each(PLANTS)('a %s plant under its PLC', (plant) => {
  it('loses nothing and makes nothing, whatever is set and breaks, in scans of any length', async () => {
    await fc.assert(
      fc.asyncProperty(
        beginning,
        fc.constantFrom(...SCANS_MS),
        fc.array(spell, { minLength: 1, maxLength: 8 }),
        async (begins, scanMs, spells) => {
          const works = await createWorks(plant, { ...begins, scanMs })
          const before = works.balances()
          for (const one of spells) {
            for (const choice of one.sets) set(works, choice)
            upset(works, one)
            for (let i = 0; i < one.scans; i++) works.plc.scan()
            expect(lostIn(before, works.balances())).toBeLessThan(ROUNDING)
          }
        }
      ),
      { numRuns: 50 }
    )
  })

  it('agrees by its meters within half a per cent after some days, with other setpoints every day', async () => {
    const steady = TROUBLE_FREE[plant]
    await fc.assert(
      fc.asyncProperty(
        beginning,
        fc.constantFrom(10_000, 20_000, 30_000),
        fc.array(fc.record(steady), { minLength: 3, maxLength: 5 }),
        async (begins, scanMs, days) => {
          const works = await createWorks(plant, { ...begins, scanMs })
          works.plc.scan()
          const book = new MeterBook(works.plc, plant)
          for (const setpoints of days) {
            for (const [tag, value] of Object.entries(setpoints)) {
              const row = works.map.tags[tag]
              if (row !== undefined) writeTag(works.plc.image, row, value)
            }
            for (let i = 0; i < (DAY_SECONDS * 1000) / scanMs; i++) {
              works.plc.scan()
              book.note(scanMs / 1000)
            }
          }
          const { received, missing } = book.balance
          expect(received).toBeGreaterThan(0)
          expect(Math.abs(missing)).toBeLessThan(CLOSE * received + LEAST[plant])
        }
      ),
      { numRuns: 10 }
    )
  })
})

// What people set in a month and more.
const TROUBLE_FREE: Readonly<Record<PlantKind, Record<string, fc.Arbitrary<number>>>> = {
  water: {
    'tower.start-setpoint': number(2.5, 3.5),
    'tower.stop-setpoint': number(4, 5),
    'pump.lead': fc.constantFrom(1, 2),
    'pump1.speed-setpoint': number(75, 100),
    'pump2.speed-setpoint': number(75, 100),
    'zone2.pressure-setpoint': number(2, 3.5)
  },
  heat: {
    'curve.slope': number(1, 1.8),
    'curve.shift': number(-4, 4),
    'night.reduction': number(0, 8),
    'pump.speed-setpoint': number(60, 95),
    'pump.lead': fc.constantFrom(1, 2)
  },
  gas: {
    'outlet.pressure-setpoint': number(3.6, 4.2),
    'standby.offset': number(0.2, 0.5),
    'line.active': fc.constantFrom(1, 2),
    'heater.temperature-setpoint': number(4, 15)
  }
}
// What counters and stores show in whole counts alone: m3, MWh, m3(N).
const LEAST: Readonly<Record<PlantKind, number>> = { water: 2, heat: 0.05, gas: 20 }

it('leaves out of the agreement of meters only what flows past them', () => {
  for (const plant of PLANTS) expect(Object.keys(TROUBLES[plant]).filter((name) => LEAKS.includes(name)).length).toBeGreaterThan(0)
})
