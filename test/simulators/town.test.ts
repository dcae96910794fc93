import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { displayWidth } from '#runtime/console-table.ts'
import { quietLog } from '#runtime/log.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { Simulator } from '../../simulators/simulator.ts'
import { TerminalView, viewLines } from '../../simulators/terminal-view.ts'
import { type SimulateOptions, townOf } from '../../simulators/town.ts'
import { until } from '../parts/wait.ts'

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

  it('gives a PLC manners', async () => {
    const [lenient] = await asked({ plants: ['gas'] })
    expect(lenient).toMatchObject({ modbus: { maxConnections: 16, responseDelayMs: 0 }, operator: { everySeconds: 1 } })
    const [small] = await asked({ plants: ['gas'], character: 'small', framing: 'rtu-over-tcp', speed: 10 })
    expect(small?.modbus).toMatchObject({ framing: 'rtu-over-tcp', maxConnections: 2, whenFull: 'close-oldest', maxRequestsPerSecond: 5 })
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

  it('never goes beyond the seeds that a scenario may have', async () => {
    const most = 0x7fff_ffff
    expect((await asked({ plants: ['water'], seed: most })).map(({ seed }) => seed)).toEqual([most])
    expect((await asked({ plants: ['water'], seed: most - 1, count: 3 })).map(({ seed }) => seed)).toEqual([most - 1, most, 0])
  })
})

describe('the terminal view', () => {
  it.each([
    ['zh-CN', 120, 200],
    ['en', 120, 200],
    ['zh-CN', 80, 24],
    ['en', 40, 10],
    ['zh-CN', 20, 3]
  ] as const)('keeps within the terminal and says what it leaves out: %s %d x %d', async (language, columns, rows) => {
    await using part = await running({ plants: ['water'], fault: [{ name: 'pump1-trip', at: '00:00' }] })
    const lines = viewLines({ simulators: [part.simulator], language, columns, rows })
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns)
    expect(lines.length).toBeLessThanOrEqual(rows)
    if (rows >= 200) expect(lines.join('\n')).toContain(language === 'en' ? 'Water tower level' : '水塔液位')
    else expect(lines.at(-1)).toMatch(language === 'en' ? /^… \d+ lines more/ : /^… 窗口还差/)
    expect(viewLines({ simulators: [part.simulator, part.simulator], language, columns: 80, rows: 3 })).toHaveLength(3)
  })

  it('tells alarms and what is played in words', async () => {
    await using part = await running({ plants: ['gas'], speed: 100 })
    const { scene } = part.simulator
    await part.simulator.play('breakdown', { what: 'slam-false-trip' })
    const said = () =>
      viewLines({ simulators: [part.simulator], language: 'en', columns: 200, rows: 200 })
        .slice(0, 3)
        .join('\n')
    expect(said()).toContain(`played: ${scene?.player.playing[0]}`)
    await until(() => /^alarm: .+/m.test(said()), { what: 'an alarm' })
  })

  it('draws on a screen of its own, follows its size, and leaves the terminal as it was', async () => {
    await using part = await running({ plants: ['heat'] })
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
    let written = ''
    stream.on('data', (chunk) => {
      written += chunk
    })
    // Only what a terminal's stream has and the view uses.
    const view = new TerminalView({
      simulators: [part.simulator],
      language: 'en',
      stream: stream as unknown as NodeJS.WriteStream
    })
    await view.start()
    await until(() => written.includes('north-heat'), { what: 'the first picture' })
    expect(written.startsWith('\u001b[?1049h\u001b[?25l\u001b[H')).toBe(true)
    written = ''
    stream.columns = 30
    stream.emit('resize')
    await until(() => written.includes('…'), { what: 'the narrower picture' })
    await view.stop()
    expect(written.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
    expect(stream.listenerCount('resize')).toBe(0)
  })
})

async function running(options: Partial<SimulateOptions>): Promise<AsyncDisposable & { simulator: Simulator }> {
  const [config] = await asked({ modbus: { host: '127.0.0.1', port: 0 }, ...options })
  if (config === undefined) throw new Error('no scenario')
  const simulator = new Simulator({ config: { ...config, operator: { ...config.operator, enabled: false } }, log: quietLog() })
  await simulator.start()
  return { simulator, [Symbol.asyncDispose]: () => simulator.stop() }
}
