import { describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { HEAT_MAP, type HeatTag } from '../../../simulators/plc/heat-map.ts'
import { createHeatWorks } from '../../../simulators/plc/heat-plc.ts'
import { Operator } from '../../../simulators/plc/operator.ts'
import { readTag } from '../../../simulators/plc/tag-map.ts'
import { directLink } from '../../parts/direct-link.ts'

function staffed(options: { seed?: number; startDay?: number } = {}) {
  const works = createHeatWorks({ seed: 5, startDay: 15, scanMs: 1000, ...options })
  const visitors = new Set<string>()
  const operator = new Operator({
    ...{ map: HEAT_MAP, book: works.duties, seed: 5, everySeconds: 30, log: quietLog() },
    connect: async (who) => {
      visitors.add(who)
      return directLink({ image: works.plc.image, host: who === 'operator' ? '127.0.0.10' : '127.0.0.11' })
    }
  })
  return {
    ...{ works, visitors },
    reads: (tag: HeatTag) => readTag(works.plc.image, HEAT_MAP.tags[tag]),
    async run(seconds: number, each: () => void = () => {}) {
      for (let second = 0; second < seconds; second++) {
        await operator.look(works.plant.seconds)
        works.plc.scan()
        if (second % 60 === 0) each()
      }
    }
  }
}

const SETPOINTS = Object.entries(HEAT_MAP.tags).filter(([, row]) => row.role === 'setpoint')

describe('the book of the heating station', () => {
  it('is lived by for days: the lead changes, the engineer comes, and nothing leaves its band or alarms', async () => {
    const station = staffed()
    const leads = new Set<number>()
    const shifts = new Set<number>()
    const rooms: number[] = []
    let alarms = 0
    await station.run(4 * DAY_SECONDS, () => {
      leads.add(station.reads('pump.lead'))
      shifts.add(station.reads('shift.number'))
      rooms.push(station.reads('room.temperature'))
      alarms += station.works.alarms.filter((alarm) => alarm.state() !== null).length
      for (const [tag, { range }] of SETPOINTS) {
        const value = readTag(station.works.plc.image, HEAT_MAP.tags[tag as HeatTag])
        expect(value, tag).toBeGreaterThanOrEqual((range?.low ?? 0) - 1e-9)
        expect(value, tag).toBeLessThanOrEqual((range?.high ?? 0) + 1e-9)
      }
    })
    expect(leads).toEqual(new Set([1, 2]))
    expect(shifts).toEqual(new Set([1, 2, 3]))
    expect(station.visitors).toEqual(new Set(['operator', 'engineer']))
    expect(alarms).toBe(0)
    expect(Math.min(...rooms)).toBeGreaterThan(18)
    expect(Math.max(...rooms)).toBeLessThan(24)
    expect(station.reads('pump1.auto') + station.reads('pump2.auto')).toBe(2)
    expect(station.reads('meter.flow-factor')).not.toBe(1)
  })

  it('resets a tripped pump at the change of shift once it can turn again', async () => {
    const station = staffed()
    const { troubles } = station.works
    await station.run(3600)
    troubles['pump1-trip'] = 1
    await station.run(600)
    troubles['pump1-trip'] = 0
    expect(station.reads('pump1.fault')).toBe(1)
    await station.run(7 * 3600)
    expect(station.reads('pump1.fault')).toBe(0)
    expect(station.reads('pump1.auto')).toBe(1)
    expect(station.reads('pump1.running')).toBe(1)
  })
})
