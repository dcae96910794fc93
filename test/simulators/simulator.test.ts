import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Label } from '#contract/label.ts'
import { createLog, quietLog } from '#runtime/log.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { Simulator } from '../../simulators/simulator.ts'
import { rawClient } from '../parts/raw-modbus.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

const started: Simulator[] = []
afterEach(async () => {
  for (const simulator of started.splice(0)) await simulator.stop()
})

async function play(scenario: Record<string, unknown> = {}): Promise<{ simulator: Simulator; told: Label[] }> {
  const told: Label[] = []
  const config = Scenario.parse({ modbus: { port: 0 }, ...scenario })
  const simulator = new Simulator({ config, log: quietLog(), onLabel: (label) => told.push(label) })
  await simulator.start()
  started.push(simulator)
  return { simulator, told }
}

const scanCount = [4, 0, 22, 0, 1]
const wordOf = (reply: readonly number[]) => (reply[2] ?? 0) * 256 + (reply[3] ?? 0)

describe('the simulator', () => {
  it('lets the plant move on while it answers', async () => {
    const { simulator } = await play({ speed: 20 })
    await using client = await rawClient(simulator.modbusPort)
    await until(async () => wordOf(await client.ask(scanCount)) > 100, { what: 'a hundred scans' })
    expect(simulator.speed).toBe(20)
    expect(await client.ask([1, 0, 0, 0, 5])).toEqual([1, 1, 0b10101])
  })

  it('does not race after it was kept from moving', async () => {
    const { simulator } = await play({ speed: 10 })
    await using client = await rawClient(simulator.modbusPort)
    await until(async () => wordOf(await client.ask(scanCount)) > 0, { what: 'the first scan' })
    const before = wordOf(await client.ask(scanCount))
    const stalled = performance.now() + 2000
    while (performance.now() < stalled) Math.sqrt(stalled)
    await until(async () => wordOf(await client.ask(scanCount)) > before, { what: 'scans after the stall' })
    const scans = wordOf(await client.ask(scanCount)) - before
    // A hundred scans for each second since, and for one second of the stall: not for both of its seconds.
    expect(scans).toBeLessThan((1.5 + (performance.now() - stalled) / 1000) * 100)
  })

  it('plays an attack by word over real Modbus, labels it to the listener and the file, and undoes it', async () => {
    const labels = join(await temporaryFolder(), 'labels.jsonl')
    const { simulator, told } = await play({ labels })
    await using client = await rawClient(simulator.modbusPort)
    const before = Date.now()
    await simulator.play('setpoint-tamper', { value: 1.5 })
    expect(wordOf(await client.ask([3, 0, 2, 0, 1]))).toBe(1500)
    await simulator.stopPlay('setpoint-tamper')
    expect(wordOf(await client.ask([3, 0, 2, 0, 1]))).toBe(500)
    await expect(simulator.play('nothing')).rejects.toMatchObject({ code: 'PLAY_UNKNOWN' })
    await simulator.stop()
    const lines = (await readFile(labels, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => Label.parse(JSON.parse(line)))
    expect(lines).toEqual(told)
    expect(lines).toHaveLength(2)
    expect(lines[0]?.start).toBeGreaterThanOrEqual(before)
    expect(lines[1]?.end).toBeLessThanOrEqual(Date.now())
    if (process.platform === 'linux') expect(lines[0]?.hosts).toEqual(['127.0.0.66'])
    expect(simulator.labels).toEqual([lines[1]])
  })

  it('plays its timeline and ends what is still being played when it stops', async () => {
    const { simulator, told } = await play({
      speed: 60,
      timeline: [
        { at: '00:00:10', attack: 'pump-stop' },
        { at: '00:00:05', for: '00:00:10', attack: 'sensor-freeze' }
      ]
    })
    await until(() => told.length === 3, { what: 'two starts and one end' })
    expect(told.map(({ name, end }) => [name, end === null])).toEqual([
      ['sensor-freeze', true],
      ['pump-stop', true],
      ['sensor-freeze', false]
    ])
    await simulator.stop()
    expect(told[3]).toMatchObject({ name: 'pump-stop', end: expect.any(Number) })
  })

  it('plays an attack again from the very second at which it ended', async () => {
    const { simulator, told } = await play({
      speed: 60,
      timeline: [
        { at: '00:00:20', attack: 'sensor-freeze' },
        { at: '00:00:05', for: '00:00:15', attack: 'sensor-freeze' }
      ]
    })
    await until(() => told.length === 3, { what: 'a start, an end, and a start' })
    expect(told.map(({ name, end }) => [name, end === null])).toEqual([
      ['sensor-freeze', true],
      ['sensor-freeze', false],
      ['sensor-freeze', true]
    ])
    expect(simulator.labels.map(({ id }) => id)).toEqual([told[1]?.id, told[2]?.id])
  })

  it('says in its log what goes over its connections', async () => {
    const lines: string[] = []
    const log = createLog({ name: 'test', destination: { write: (line: string) => void lines.push(JSON.parse(line).msg) } })
    const simulator = new Simulator({ config: Scenario.parse({ modbus: { port: 0, framing: 'rtu-over-tcp' } }), log })
    started.push(simulator)
    await simulator.start()
    expect(lines).toContain('The PLC answers Modbus RTU over TCP.')
  })

  it('stops in the middle of many attacks, closes their labels and leaves the PLC as it was', async () => {
    const { simulator, told } = await play({ speed: 60, operator: { enabled: false }, modbus: { port: 0, maxConnections: 8 } })
    const image = simulator.scene?.plc.image
    const setpoints = [...(image?.holdingRegisters ?? [])]
    const attacks = ['setpoint-salami', 'pump-stop', 'chlorine-overdose', 'register-scan', 'program-mode', 'connection-exhaustion']
    for (const attack of attacks) await simulator.play(attack)
    await until(() => simulator.counts.turnedAway > 5, { what: 'strikes at the speed of the plant' })
    expect([...(image?.holdingRegisters ?? [])]).not.toEqual(setpoints)
    await simulator.stop()
    expect(told.filter(({ end }) => end === null).map(({ name }) => name)).toEqual(attacks)
    expect(new Set(told.filter(({ end }) => end !== null).map(({ name }) => name))).toEqual(new Set(attacks))
    expect([...(image?.holdingRegisters ?? [])]).toEqual(setpoints)
  })

  it('says at the start which steps it will not be able to play, and why', async () => {
    const lines: { msg: string; step?: string; missing?: string }[] = []
    const log = createLog({ name: 'test', level: 'warn', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } })
    const timeline = [
      { at: '00:10', for: '00:05', attack: 'agent-stopped' },
      { at: '00:20', attack: 'spoofed-reply' },
      { at: '00:30', attack: 'pump-stop' }
    ]
    const simulator = new Simulator({ config: Scenario.parse({ modbus: { port: 0 }, timeline }), log })
    started.push(simulator)
    await simulator.start()
    expect(lines.map(({ step, missing }) => [step, missing])).toEqual([
      ['agent-stopped', expect.stringContaining('penstock range run')],
      ['spoofed-reply', expect.stringContaining('modbus.path')]
    ])
  })

  it('repeats by the time of the plant and labels by ours', async () => {
    const { simulator, told } = await play({ speed: 60, operator: { enabled: false } })
    await using client = await rawClient(simulator.modbusPort)
    const before = simulator.counts.requests
    const began = Date.now()
    await simulator.play('valve-hammer', { everySeconds: 25 })
    await until(() => simulator.counts.requests >= before + 6, { what: 'six strikes of an attack that strikes every 25 seconds' })
    await simulator.stopPlay('valve-hammer')
    expect((told[1]?.end ?? 0) - (told[0]?.start ?? 0)).toBeLessThanOrEqual(Date.now() - began)
    expect(await client.ask(scanCount)).toHaveLength(4)
  })

  it('has a past to replay only where it is kept', async () => {
    const { simulator } = await play()
    await expect(simulator.play('replay')).rejects.toMatchObject({
      code: 'PLAY_IMPOSSIBLE',
      text: { zh: expect.stringContaining('--web') }
    })
    const keeping = new Simulator({ config: Scenario.parse({ modbus: { port: 0 }, speed: 60 }), log: quietLog(), keepsPast: true })
    started.push(keeping)
    await keeping.start()
    await until(() => (keeping.scene?.elapsed ?? 0) > 5, { what: 'a past' })
    expect(await keeping.play('replay')).toMatchObject({ technique: 'T0856' })
  })

  it('has an operator who polls each second', async () => {
    const { simulator } = await play({ operator: { localAddress: '127.0.0.10' } })
    await using client = await rawClient(simulator.modbusPort)
    await client.ask(scanCount)
    await until(() => simulator.counts.connections >= 2 && simulator.counts.requests >= 9, { what: 'the operator to poll twice' })
    expect(simulator.counts.malformed).toBe(0)
  })

  it('refuses to start when its labels cannot be written or its port is taken', async () => {
    const { simulator } = await play()
    await expect(play({ labels: join(await temporaryFolder(), 'no', 'such', 'folder.jsonl') })).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(play({ modbus: { port: simulator.modbusPort } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
