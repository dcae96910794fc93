import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { Rightful } from '../../../simulators/attacks/rightful.ts'
import { simulateOffline } from '../../../simulators/offline.ts'
import { Player } from '../../../simulators/player.ts'
import { LinkFault } from '../../../simulators/plc/modbus-link.ts'
import { createWaterWorks } from '../../../simulators/plc/water-plc.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { Simulator } from '../../../simulators/simulator.ts'
import { directLink } from '../../parts/direct-link.ts'
import { frame, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'
import { breakageOf } from '../player-parts.ts'

const started: Simulator[] = []
afterEach(async () => {
  for (const simulator of started.splice(0)) await simulator.stop()
})

async function serve(modbus: object = {}): Promise<Simulator> {
  const config = Scenario.parse({ modbus: { port: 0, ...modbus }, operator: { enabled: false } })
  const simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
  started.push(simulator)
  return simulator
}

// A PLC without sockets that writes down what it is asked.
function listen() {
  const { plc, map, troubles } = createWaterWorks({ seed: 1 })
  const heard: { pdu: number[]; unit: number | undefined }[] = []
  let now = 0
  let silent = false
  const direct = directLink({ image: plc.image, host: '127.0.0.66' })
  const shared = { map, rightful: new Rightful(map), seconds: 0, falsify: plc.falsify.bind(plc) }
  const player = new Player({
    site: 'east-water',
    now: () => now,
    onLabel: () => {},
    foothold: {
      ...shared,
      get seconds() {
        return now / 1000
      },
      link: async () => ({
        ...direct,
        request: async (pdu: Uint8Array, unit?: number) => {
          heard.push({ pdu: [...pdu], unit })
          if (silent) throw new LinkFault('LINK_TIMEOUT', 'no reply')
          return direct.request(pdu)
        }
      }),
      ...{ past: () => undefined, tamper: null, opcua: null, eyes: null }
    },
    breakage: breakageOf({ plc, troubles }, shared)
  })
  const later = async (ms = 1000) => {
    now += ms
    await player.insist()
  }
  const setSilent = (on: boolean) => {
    silent = on
  }
  return { player, plc, map, heard, later, setSilent }
}

describe('scans', () => {
  it('ask unit after unit, so many at a time, and from the first again', async () => {
    const { player, heard, later } = listen()
    expect(await player.start('unit-scan', { first: 1, last: 50, perStrike: 30 })).toMatchObject({
      ...{ technique: 'T0846', hosts: ['127.0.0.66'], tags: [] }
    })
    expect(heard.map(({ unit }) => unit)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    await later()
    expect(heard.slice(30).map(({ unit }) => unit)).toEqual(Array.from({ length: 30 }, (_, i) => ((i + 30) % 50) + 1))
  })

  it('try all functions and read all registers without changing any', async () => {
    const { player, plc, heard, later } = listen()
    const before = structuredClone([plc.image.coils, plc.image.holdingRegisters])
    await player.start('function-scan', { perStrike: 127 })
    expect(heard.map(({ pdu }) => pdu)).toEqual(Array.from({ length: 127 }, (_, i) => [i + 1]))
    heard.length = 0
    await player.start('register-scan', { first: 0, last: 24, length: 10, perStrike: 12 })
    await later(500)
    expect(heard.map(({ pdu: [code, , at, , count] }) => [code, at, count])).toEqual(
      [1, 2, 3, 4].flatMap((code) => [
        [code, 0, 10],
        [code, 10, 10],
        [code, 20, 5]
      ])
    )
    expect([plc.image.coils, plc.image.holdingRegisters]).toEqual(before)
  })

  it('end a strike at a PLC that keeps silent, and go on afterwards', async () => {
    const { player, heard, later, setSilent } = listen()
    await player.start('unit-scan', { perStrike: 5 })
    setSilent(true)
    await later()
    expect(heard).toHaveLength(6)
    setSilent(false)
    await later()
    expect(heard.at(-1)?.unit).toBe(11)
  })

  it('reach the server from the address of the attacker', async () => {
    const simulator = await serve()
    const before = simulator.counts.requests
    expect((await simulator.play('unit-scan', { perStrike: 50, everySeconds: 3600 })).hosts).toEqual(['127.0.0.66'])
    expect(simulator.counts.requests - before).toBe(50)
    await simulator.play('identity-probe')
    expect(simulator.counts.requests - before).toBe(54)
    await simulator.play('new-reader', { everySeconds: 1 })
    await until(() => simulator.counts.requests - before > 62, { what: 'the second round of reads' })
  })

  it('refuse ranges that end before they begin', async () => {
    const { player } = listen()
    await expect(player.start('unit-scan', { first: 9, last: 8 })).rejects.toMatchObject({ code: 'PLAY_PARAMETERS' })
    await expect(player.start('register-scan', { first: 9, last: 8 })).rejects.toMatchObject({ code: 'PLAY_PARAMETERS' })
  })
})

describe('writes', () => {
  it('of a rogue master come in its own rhythm and leave what they found', async () => {
    const { player, plc, heard, later } = listen()
    const before = [...plc.image.holdingRegisters]
    await player.start('rogue-write')
    const writes = () => heard.filter(({ pdu: [code] }) => code === 6 || code === 16).length
    expect(writes()).toBe(1)
    await later(6000)
    expect(writes()).toBe(1)
    await later(1000)
    expect(writes()).toBe(2)
    expect([...plc.image.holdingRegisters]).toEqual(before)
    await player.stop('rogue-write')
    await player.start('rogue-write', { tag: 'chlorine.setpoint', value: 0.7 })
    expect(plc.image.holdingRegisters[2]).toBe(700)
    await player.stop('rogue-write')
    expect([...plc.image.holdingRegisters]).toEqual(before)
  })

  it('of a flood switch commands to and fro and are put right', async () => {
    const { player, plc, map, later } = listen()
    const before = [...plc.image.coils]
    const label = await player.start('write-flood', { perStrike: 200 })
    const writable = Object.entries(map.tags).filter(([, { role }]) => role === 'setpoint' || role === 'command')
    expect(label).toMatchObject({ technique: 'T0806' })
    expect(label.tags).toEqual(writable.flatMap(([tag, { role }]) => (role === 'command' ? [tag] : [])))
    await later()
    await player.stop('write-flood')
    expect([...plc.image.coils]).toEqual(before)
    await player.start('write-flood', { perStrike: writable.length })
    expect([...plc.image.coils]).not.toEqual(before)
    await player.stopAll()
    expect([...plc.image.coils]).toEqual(before)
  })
})

describe('attacks on the availability of the PLC', () => {
  it('send frames that are no Modbus, which the server counts and survives', async () => {
    const simulator = await serve()
    await simulator.play('malformed-frames', { perStrike: 50 })
    await until(() => simulator.counts.malformed >= 2, { what: 'malformed frames' })
    await simulator.stopPlay('malformed-frames')
    await using client = await rawClient(simulator.modbusPort)
    expect((await client.ask([1, 0, 0, 0, 5]))[0]).toBe(1)
  })

  it('take all connections, and give them back', async () => {
    const simulator = await serve({ maxConnections: 4 })
    await simulator.play('connection-exhaustion', { connections: 8, perStrike: 8, everySeconds: 1 })
    await until(() => simulator.counts.turnedAway > 0, { what: 'somebody turned away' })
    const refused = await rawClient(simulator.modbusPort)
    await until(() => refused.closed() !== null, { what: 'the refusal' })
    await simulator.stopPlay('connection-exhaustion')
    const served = async () => {
      await using client = await rawClient(simulator.modbusPort)
      client.send(frame(1, 1, [1, 0, 0, 0, 5]))
      await until(() => client.closed() !== null || client.received().length > 7, { what: 'a reply or a refusal' })
      return client.received().length > 7
    }
    await until(served, { what: 'a free connection' })
    expect(simulator.counts.turnedAway).toBeGreaterThan(0)
  })

  it('send what restarts, silences and programs a PLC, and answer for it afterwards', async () => {
    const { player, heard } = listen()
    await player.start('restart-communications')
    expect(heard.map(({ pdu }) => pdu)).toEqual([[8, 0, 1, 0, 0]])
    await player.start('listen-only')
    expect(heard.at(-1)?.pdu).toEqual([8, 0, 4, 0, 0])
    await player.stop('listen-only')
    expect(heard.slice(-2).map(({ pdu }) => pdu)).toEqual([
      [8, 0, 1, 0, 0],
      [1, 0, 0, 0, 1]
    ])
    await player.start('program-mode', { blocks: 2, blockBytes: 3 })
    expect(heard.slice(-4).map(({ pdu: [code, , what] }) => [code, what])).toEqual([
      [90, 0x02],
      [90, 0x10],
      [90, 0x31],
      [90, 0x31]
    ])
  })

  it('go on being labelled while the PLC stays silent after them', async () => {
    const { player, setSilent } = listen()
    await player.start('listen-only')
    setSilent(true)
    await expect(player.stop('listen-only')).rejects.toBeInstanceOf(LinkFault)
    expect(player.playing).toEqual(['listen-only'])
    setSilent(false)
    expect((await player.stop('listen-only')).end).toBe(0)
  })
})

describe('offline', () => {
  const NAMES = ['unit-scan', 'function-scan', 'register-scan', 'identity-probe', 'new-reader', 'malformed-frames', 'connection-exhaustion']
  it.each(NAMES)('%s disturbs no register of a plant', async (attack) => {
    const record = async (attacks: { at: string; for: string; attack: string }[]) => {
      const seen: number[][] = []
      const { labels } = await simulateOffline({
        seconds: 20,
        stepMs: 200,
        attacks,
        onScan: ({ request }) => void seen.push([...(request(Uint8Array.of(4, 0, 0, 0, 8)) ?? [])])
      })
      return { seen, labels }
    }
    const [clean, attacked] = [await record([]), await record([{ at: '00:00:05', for: '00:00:10', attack }])]
    expect(attacked.seen).toEqual(clean.seen)
    expect(attacked.labels).toMatchObject([{ name: attack, tags: [], hosts: ['127.0.0.66'] }])
    expect((attacked.labels[0]?.end ?? 0) - (attacked.labels[0]?.start ?? 0)).toBe(10_000)
  })

  it('listen-only keeps the PLC silent as long as it is labelled', async () => {
    const answers: boolean[] = []
    await simulateOffline({
      seconds: 20,
      stepMs: 200,
      attacks: [{ at: '00:00:05', for: '00:00:10', attack: 'listen-only' }],
      onScan: ({ request }) => void answers.push(request(Uint8Array.of(4, 0, 0, 0, 8)) !== null)
    })
    // What ends it cuts everybody off, which costs the agent one request more.
    expect(answers).toEqual(Array.from({ length: 20 }, (_, second) => second < 5 || second > 15))
  })
})
