import { describe, expect, it } from 'vitest'
import { displayWidth } from '#runtime/console-table.ts'
import { quietLog } from '#runtime/log.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { Simulator } from '../../simulators/simulator.ts'
import { viewLines } from '../../simulators/terminal-view.ts'
import { type SimulateOptions, townOf } from '../../simulators/town.ts'

const asked = (more: Partial<SimulateOptions>) => townOf({ plants: [], language: 'en', attack: [], fault: [], ...more })

describe('what the command line asks for', () => {
  it('becomes a scenario for each PLC, on ports one after the other and with seeds of their own', async () => {
    const town = await asked({ plants: ['water'], count: 3, seed: 7, modbus: { host: '127.0.0.1', port: 1600 } })
    expect(town.map(({ site, seed, modbus }) => [site, seed, modbus.port])).toEqual([
      ['east-water-1', 7, 1600],
      ['east-water-2', 8, 1601],
      ['east-water-3', 9, 1602]
    ])
  })

  it('becomes plants of several kinds, numbered where there are several of one', async () => {
    const town = await asked({ plants: ['water', 'gas', 'water'], modbus: { host: '127.0.0.1', port: 1600 } })
    expect(town.map(({ site, plant, modbus }) => [site, plant, modbus.port])).toEqual([
      ['east-water-1', 'water', 1600],
      ['south-gas', 'gas', 1601],
      ['east-water-2', 'water', 1602]
    ])
    await expect(asked({ plants: ['heat', 'gas'], count: 600 })).rejects.toMatchObject({ code: 'USAGE_FAULT' })
  })

  it('gives a PLC manners, which people with a slow one respect', async () => {
    const [lenient] = await asked({ plants: ['gas'] })
    expect(lenient).toMatchObject({ modbus: { maxConnections: 16, responseDelayMs: 0 }, operator: { everySeconds: 1 } })
    const [small] = await asked({ plants: ['gas'], character: 'small', framing: 'rtu-over-tcp', speed: 10 })
    expect(small?.modbus).toMatchObject({ framing: 'rtu-over-tcp', maxConnections: 2, whenFull: 'close-oldest', maxRequestsPerSecond: 5 })
    expect(small?.operator.everySeconds).toBeGreaterThan(60)
    const own = Scenario.parse({ modbus: { character: 'typical', maxConnections: 9 } })
    expect(own.modbus).toMatchObject({ maxConnections: 9, maxRequestsPerSecond: 20, responseJitterMs: 60 })
  })

  it('takes attacks, faults and troubles of the plant into the timeline', async () => {
    const [scenario] = await asked({
      plants: ['water'],
      attack: [{ name: 'pump-stop', at: '00:05' }],
      fault: [
        { name: 'comms-loss', at: '00:10' },
        { name: 'leak', at: '00:00' }
      ]
    })
    expect(scenario?.timeline).toMatchObject([
      { at: 300, attack: 'pump-stop' },
      { at: 600, fault: 'comms-loss' },
      { at: 0, fault: 'breakdown', with: { what: 'leak' } }
    ])
  })

  it('tells every fault, with its place on the line', async () => {
    const town = asked({
      plants: ['water'],
      speed: 5000,
      attack: [{ name: 'no-such', at: '00:00' }],
      fault: [{ name: 'bad-luck', at: '00:00' }]
    })
    await expect(town).rejects.toThrow(/command line:\d+:\d+ speed[\s\S]*timeline\.0\.attack/)
    await expect(asked({ plants: ['water'], fault: [{ name: 'bad-luck', at: '00:00' }] })).rejects.toThrow('has no trouble bad-luck')
    await expect(asked({ plants: ['water'], count: 10, modbus: { host: '::1', port: 65_530 } })).rejects.toMatchObject({
      code: 'USAGE_FAULT'
    })
  })
})

describe('the terminal view', () => {
  it('shows every tag in both languages, within the width of the terminal', async () => {
    const [config] = await asked({ plants: ['water'], modbus: { host: '127.0.0.1', port: 0 } })
    if (config === undefined) throw new Error('no scenario')
    const simulator = new Simulator({ config: { ...config, operator: { ...config.operator, enabled: false } }, log: quietLog() })
    await simulator.start()
    try {
      const tags = Object.keys(simulator.scene?.map.tags ?? {})
      for (const language of ['zh-CN', 'en'] as const) {
        const lines = viewLines({ simulators: [simulator], language, columns: 120, rows: 200 })
        expect(Math.max(...lines.slice(3).map(displayWidth))).toBeLessThanOrEqual(120)
        expect(lines.join('\n')).toContain(language === 'en' ? 'Water tower level' : '水塔液位')
        expect(lines.length).toBeGreaterThan(tags.length / 4)
      }
      expect(viewLines({ simulators: [simulator, simulator], language: 'en', columns: 80, rows: 3 })).toHaveLength(3)
    } finally {
      await simulator.stop()
    }
  })
})
