import { describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { playOffline, simulateOffline } from '../../../simulators/offline.ts'
import { Noise } from '../../../simulators/plants/noise.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import { LinkFault } from '../../../simulators/plc/modbus-link.ts'
import { Operator } from '../../../simulators/plc/operator.ts'
import { takeValue } from '../../../simulators/plc/registers.ts'
import { waterDuties } from '../../../simulators/plc/water-duties.ts'
import { WATER_MAP } from '../../../simulators/plc/water-map.ts'
import { createWaterPlc } from '../../../simulators/plc/water-plc.ts'
import { COMMANDS, SETPOINTS } from '../../../simulators/plc/water-registers.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { directLink } from '../../parts/direct-link.ts'

const BANDS: Record<string, [number, number]> = {
  'chlorine.setpoint': [0.4, 0.7],
  'tower.start-setpoint': [2.5, 3.5],
  'tower.stop-setpoint': [4, 5],
  'pump1.speed-setpoint': [70, 100],
  'pump2.speed-setpoint': [70, 100]
}
const WRITES = [5, 6, 15, 16]
const SETPOINT_LIST = Object.entries(SETPOINTS)
const COMMAND_LIST = Object.entries(COMMANDS)

describe('the rightful operator', () => {
  it('works by the book for two days: inside the bands, the lead rotated once a day, only the idle pump in maintenance', async () => {
    const changes: string[] = []
    const offences: string[] = []
    const was = new Map<string, number>()
    await simulateOffline({
      seconds: 2 * DAY_SECONDS,
      stepMs: 1000,
      seed: 4,
      startsAt: 'mon 00:00',
      onScan({ second, scene: { plc } }) {
        const note = (name: string, value: number) => {
          if (was.has(name) && was.get(name) !== value) changes.push(`${second < DAY_SECONDS ? 1 : 2} ${name}`)
          was.set(name, value)
          const [low, high] = BANDS[name] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
          if (value < low - 1e-9 || value > high + 1e-9) offences.push(`${name} ${value}`)
        }
        for (const [name, register] of SETPOINT_LIST) note(name, takeValue(plc.image, register))
        for (const [name, address] of COMMAND_LIST) note(name, plc.image.coils[address] ?? 0)
        if (was.get(`pump${was.get('pump.lead')}.auto`) !== 1) offences.push(`second ${second}: the lead is not in automatic`)
      }
    })
    expect(offences).toEqual([])
    expect(changes.filter((change) => change === '1 pump.lead')).toHaveLength(1)
    expect(changes.filter((change) => change === '2 pump.lead')).toHaveLength(1)
    const firstDay = changes.filter((change) => change.startsWith('1 '))
    expect(firstDay.indexOf('1 pump.lead')).toBeLessThan(firstDay.findIndex((change) => change.endsWith('.auto')))
    expect(firstDay.filter((change) => change === '1 pump1.auto')).toHaveLength(2)
    expect(changes).toContain('1 tower.stop-setpoint')
  })

  it('plans the same days for the same seed', () => {
    const plan = (seed: number) =>
      [0, 1, 2].map((day) => waterDuties(day, new Noise(seed, 'operator')).map(({ at, name }) => ({ at, name })))
    expect(plan(1)).toEqual(plan(1))
    expect(plan(2)).not.toEqual(plan(1))
  })

  it.each([
    ['water', 'small', 5, ['127.0.0.10', '127.0.0.11']],
    ['heat', 'small', 5, ['127.0.0.10']],
    ['gas', 'small', 5, ['127.0.0.10']]
  ] as const)('leaves half of what a PLC can answer to the agent and does the duties of a day: %s, %s', async (...row) => {
    const [plant, character, limit, staff] = row
    const asked = new Map<number, number>()
    const refused: number[] = []
    const writers = new Set<string>()
    let now = 0
    await playOffline({
      ...{ seconds: DAY_SECONDS, stepMs: 1000, scenario: Scenario.parse({ plant, seed: 4, modbus: { character } }) },
      onScan: ({ second }) => {
        now = second
      },
      onExchange: ({ client, request, reply }) => {
        asked.set(now, (asked.get(now) ?? 0) + 1)
        if (((reply?.[0] ?? 0x80) & 0x80) !== 0) refused.push(now)
        if (WRITES.includes(request[0] ?? 0)) writers.add(client)
      }
    })
    expect(refused).toEqual([])
    expect(Math.max(...asked.values())).toBe(Math.floor(limit / 2))
    expect([...writers].sort()).toEqual(staff)
  })

  it('comes back to a PLC that was away, and asks again only after a while', async () => {
    const { plc } = createWaterPlc({ seed: 1 })
    let away = true
    let attempts = 0
    const operator = new Operator({
      ...{ seed: 1, map: WATER_MAP, book: waterDuties, log: quietLog() },
      async connect() {
        attempts++
        if (away) throw new LinkFault('LINK_AWAY', 'nobody there')
        return directLink({ image: plc.image, host: '127.0.0.10' })
      }
    })
    for (let second = 0; second < 10; second++) await operator.look(second)
    expect(attempts).toBe(2)
    away = false
    for (let second = 10; second < 20; second++) await operator.look(second)
    expect(attempts).toBe(3)
  })
})
