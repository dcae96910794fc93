import { describe, expect, it } from 'vitest'
import { Label } from '#contract/label.ts'
import { Rightful } from '../../simulators/attacks/rightful.ts'
import { Player } from '../../simulators/player.ts'
import { directLink, LinkFault, type ModbusLink } from '../../simulators/plc/modbus-link.ts'
import { takeValue } from '../../simulators/plc/registers.ts'
import { createWaterWorks } from '../../simulators/plc/water-plc.ts'
import { COMMANDS, SETPOINTS } from '../../simulators/plc/water-registers.ts'

function prepare(spoil: (link: ModbusLink) => ModbusLink = (link) => link) {
  const { plc, map, troubles } = createWaterWorks({ seed: 1 })
  const shared = { map, rightful: new Rightful(map), seconds: 0, falsify: plc.falsify.bind(plc) }
  const told: Label[] = []
  let now = 1_000_000
  const player = new Player({
    site: 'east-water',
    now: () => now,
    onLabel: (label) => told.push(structuredClone(label)),
    foothold: {
      ...shared,
      get seconds() {
        return now / 1000
      },
      link: async () => spoil(directLink({ image: plc.image, host: '127.0.0.66' })),
      ...{ past: () => undefined, tamper: null, opcua: null, eyes: null }
    },
    breakage: {
      ...shared,
      plc,
      troubles,
      chance: () => 0.5,
      network: () => {},
      workstation: async () => directLink({ image: plc.image, host: '127.0.0.11' })
    }
  })
  const { rightful } = shared
  const setpoint = () => takeValue(plc.image, SETPOINTS['chlorine.setpoint'])
  return {
    plc,
    told,
    player,
    rightful,
    setpoint,
    wait: (ms: number) => {
      now += ms
    }
  }
}

describe('the player', () => {
  it('labels a tampered setpoint from the strike to the undoing', async () => {
    const { player, told, setpoint, wait } = prepare()
    const open = { id: 'setpoint-tamper-1000000', site: 'east-water', kind: 'attack', name: 'setpoint-tamper', technique: 'T0836' }
    expect(await player.start('setpoint-tamper')).toMatchObject({
      ...open,
      start: 1_000_000,
      end: null,
      tags: ['chlorine.setpoint'],
      hosts: ['127.0.0.66']
    })
    expect(setpoint()).toBeCloseTo(1.8)
    wait(5000)
    expect(await player.stop('setpoint-tamper')).toMatchObject({ ...open, start: 1_000_000, end: 1_005_000 })
    expect(setpoint()).toBeCloseTo(0.5)
    expect(told.map(({ end }) => end)).toEqual([null, 1_005_000])
    expect(player.labels).toEqual([told[1]])
    for (const label of told) expect(Label.safeParse(label).success).toBe(true)
  })

  it('stops the pump that leads and gives it back as it was', async () => {
    const { player, plc } = prepare()
    plc.image.holdingRegisters[3] = 2
    plc.image.coils[COMMANDS['pump2.hand']] = 1
    expect((await player.start('pump-stop')).tags).toEqual(['pump2.auto', 'pump2.hand'])
    expect([...plc.image.coils.subarray(0, 5)]).toEqual([1, 0, 0, 0, 1])
    await player.stop('pump-stop')
    expect([...plc.image.coils.subarray(0, 5)]).toEqual([1, 0, 1, 1, 1])
  })

  it('takes parameters and refuses wrong ones', async () => {
    const { player, told, plc } = prepare()
    await player.start('setpoint-tamper', { tag: 'tower.stop-setpoint', value: 5.99 })
    expect(plc.image.holdingRegisters[1]).toBe(599)
    await expect(player.start('pump-stop', { pump: 'three' })).rejects.toMatchObject({ code: 'PLAY_PARAMETERS' })
    await expect(player.start('sensor-freeze', { tags: 1 })).rejects.toMatchObject({ code: 'PLAY_PARAMETERS' })
    await expect(player.start('toString')).rejects.toMatchObject({ code: 'PLAY_UNKNOWN' })
    await expect(player.start('setpoint-tamper')).rejects.toMatchObject({ code: 'PLAY_RUNNING' })
    await expect(player.stop('pump-stop')).rejects.toMatchObject({ code: 'PLAY_NOT_RUNNING' })
    expect(told).toHaveLength(1)
  })

  it('takes by word no tag or value that a timeline would refuse, and says so in both languages', async () => {
    const { player, plc, told } = prepare()
    const before = structuredClone(plc.image)
    const refused = async (name: string, parameters: unknown, zh: string, en: string) =>
      expect(await player.start(name, parameters).catch((fault: unknown) => fault)).toMatchObject({
        ...{ code: 'PLAY_PARAMETERS', text: { zh: expect.stringContaining(zh), en: expect.stringContaining(en) } }
      })
    await refused('valve-hammer', { tag: 'tower.level' }, 'tower.level 的角色是 measurement', 'tower.level is a measurement, not a command')
    await refused('setpoint-tamper', { tag: 'outlet.pressure-setpoint', value: 1 }, '没有测点', 'there is no tag')
    await refused('rogue-write', { tag: 'chlorine.setpoint', value: 1000 }, '放不下 1000', 'cannot hold 1000')
    await refused('sensor-drift', { tag: 'pump1.auto' }, '应为 measurement', 'is a command, not a measurement')
    await refused('breakdown', { what: 'bad-luck' }, '没有故障 bad-luck', 'has no trouble bad-luck')
    await refused('pump-stop', { pump: 'three' }, '无效选项', 'Invalid option')
    await refused('setpoint-tamper', { tag: 'chlorine.setpoint' }, '须同时给出 value', 'needs value beside it')
    expect(told).toEqual([])
    expect(plc.image).toEqual(before)
  })

  it('leaves no label when it could do no harm', async () => {
    const { player, told } = prepare(() => {
      throw new LinkFault('LINK_AWAY', 'nobody there')
    })
    await expect(player.start('setpoint-tamper')).rejects.toMatchObject({ code: 'LINK_AWAY' })
    expect(told).toEqual([])
  })

  it('labels half a strike too, undoes it, and may try again', async () => {
    let writes = 0
    const { player, told, plc } = prepare((link) => ({
      ...link,
      async request(pdu) {
        if (pdu[0] === 5 && ++writes === 2) throw new LinkFault('LINK_TIMEOUT', 'the second write was lost')
        return link.request(pdu)
      }
    }))
    await expect(player.start('pump-stop')).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    expect(told.map(({ end }) => end)).toEqual([null, 1_000_000])
    expect([...plc.image.coils.subarray(0, 5)]).toEqual([1, 0, 1, 0, 1])
    await player.start('pump-stop')
    expect(told).toHaveLength(3)
  })

  it('insists on what it wrote, until it is stopped, unless told to write once', async () => {
    const { player, plc, setpoint, wait } = prepare()
    const correct = () => {
      plc.image.holdingRegisters[2] = 550
    }
    await player.start('setpoint-tamper')
    correct()
    wait(9000)
    await player.insist()
    expect(setpoint()).toBeCloseTo(0.55)
    wait(1000)
    await player.insist()
    expect(setpoint()).toBeCloseTo(1.8)
    wait(10_000)
    await Promise.all([player.insist(), player.stop('setpoint-tamper'), player.insist()])
    expect(setpoint()).toBeCloseTo(0.5)
    await player.start('setpoint-tamper', { insistSeconds: 0 })
    correct()
    wait(100_000)
    await player.insist()
    expect(setpoint()).toBeCloseTo(0.55)
  })

  it('labels from before the first look of the attacker, not from the strike on', async () => {
    const slow = prepare((link) => ({
      ...link,
      request(pdu) {
        slow.wait(100)
        return link.request(pdu)
      }
    }))
    expect((await slow.player.start('setpoint-tamper')).start).toBe(1_000_000)
  })

  it('gives each label an id of its own', async () => {
    const { player, told } = prepare()
    await player.start('sensor-dropout', { tag: 'tower.level' })
    await player.start('sensor-dropout', { tag: 'zone.pressure' })
    await player.stopAll()
    await player.start('sensor-dropout', { tag: 'tower.level' })
    expect(told.map(({ id, tags, end }) => [id, tags[0], end === null])).toEqual([
      ['sensor-dropout-1000000', 'tower.level', true],
      ['sensor-dropout-1000000-2', 'zone.pressure', true],
      ['sensor-dropout-1000000-2', 'zone.pressure', false],
      ['sensor-dropout-1000000', 'tower.level', false],
      ['sensor-dropout-1000000-3', 'tower.level', true]
    ])
  })

  it('tries again to end what could not be ended, strikes no more, and lets it come again', async () => {
    const line = { cut: false }
    const { player, plc, setpoint, wait } = prepare((link) => ({
      ...link,
      async request(pdu) {
        if (line.cut) throw new LinkFault('LINK_TIMEOUT', 'the line is cut')
        return link.request(pdu)
      }
    }))
    await player.start('setpoint-tamper', { insistSeconds: 1 })
    line.cut = true
    await expect(player.stop('setpoint-tamper')).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    wait(9000)
    await player.insist()
    expect(player.labels[0]?.end).toBe(null)
    wait(1000)
    await expect(player.insist()).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    line.cut = false
    plc.image.holdingRegisters[2] = 600
    wait(9000)
    await player.insist()
    expect(setpoint()).toBeCloseTo(0.6)
    wait(1000)
    await player.insist()
    expect(setpoint()).toBeCloseTo(0.5)
    expect(player.labels[0]?.end).toBe(1_020_000)
    await player.start('setpoint-tamper')
    line.cut = true
    await expect(player.stop('setpoint-tamper')).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    line.cut = false
    await player.start('setpoint-tamper')
    expect(player.labels.map(({ end }) => end === null)).toEqual([false, false, true])
  })

  it('is not kept from the others by one that fails', async () => {
    const line = { cut: false }
    const { player, setpoint, plc, wait } = prepare((link) => ({
      ...link,
      async request(pdu) {
        if (line.cut && pdu[0] === 5) throw new LinkFault('LINK_TIMEOUT', 'that write was lost')
        return link.request(pdu)
      }
    }))
    for (const name of ['setpoint-tamper', 'pump-stop', 'sensor-freeze']) await player.start(name)
    line.cut = true
    plc.image.holdingRegisters[2] = 550
    wait(10_000)
    await expect(player.insist()).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    expect(setpoint()).toBeCloseTo(1.8)
    await expect(player.stopAll()).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
    expect(player.playing).toEqual(['pump-stop'])
    line.cut = false
    await player.stopAll()
    expect(player.labels.every(({ end }) => end === 1_010_000)).toBe(true)
  })

  it('ends what came last first, so that each finds what it left', async () => {
    const { player, setpoint } = prepare()
    await player.start('setpoint-tamper')
    await player.start('chlorine-overdose')
    expect(setpoint()).toBeCloseTo(2)
    await player.stopAll()
    expect(setpoint()).toBeCloseTo(0.5)
  })

  it('puts back what stood there before any attacker came, in whatever order they end', async () => {
    const { player, setpoint } = prepare()
    const names = ['setpoint-tamper', 'chlorine-overdose', 'rogue-write']
    const parameters = { 'rogue-write': { tag: 'chlorine.setpoint', value: 0.9 } } as Record<string, object>
    for (const ends of [names, names.toReversed(), ['chlorine-overdose', 'rogue-write', 'setpoint-tamper']]) {
      for (const name of names) await player.start(name, parameters[name])
      for (const name of ends) {
        expect(setpoint()).toBeCloseTo(0.9)
        await player.stop(name)
      }
      expect(setpoint()).toBeCloseTo(0.5)
    }
  })

  it('puts back what the rightful people have set since, and no order that has been carried out', async () => {
    const { player, setpoint, rightful, plc } = prepare()
    const staff = (values: Record<string, number>) => rightful.wrote(values)
    staff({ 'chlorine.setpoint': 0.6 })
    await player.start('setpoint-tamper')
    expect(rightful.value('chlorine.setpoint')).toBeCloseTo(0.5)
    staff({ 'chlorine.setpoint': 0.55, 'tower.start-setpoint': 2.9 })
    await player.start('write-flood', { perStrike: 200 })
    await player.start('rogue-write', { tag: 'chlorine.setpoint', value: 0.9 })
    staff({ 'pump.lead': 2, 'wash.start': 1, 'pump2.auto': 0 })
    for (const name of ['write-flood', 'setpoint-tamper', 'rogue-write']) await player.stop(name)
    expect(setpoint()).toBeCloseTo(0.55)
    expect(plc.image.holdingRegisters[3]).toBe(2)
    expect(['wash.start', 'pump2.auto', 'pump1.auto'].map((name) => plc.image.coils[COMMANDS[name as keyof typeof COMMANDS]])).toEqual([
      0, 0, 1
    ])
    expect(rightful.value('chlorine.setpoint')).toBe(undefined)
  })

  it('lets unforeseen maintenance go by what was agreed, and puts back what the engineer left', async () => {
    const { player, plc } = prepare()
    const auto = () => plc.image.coils[COMMANDS['pump2.auto']]
    await player.start('rogue-write', { tag: 'pump2.auto', value: 0 })
    await player.start('maintenance', { tag: 'pump2.auto' })
    await player.stop('rogue-write')
    expect(auto()).toBe(0)
    await player.stop('maintenance-pump2.auto')
    expect(auto()).toBe(1)
    await player.start('maintenance', { tag: 'pump2.auto' })
    await player.start('rogue-write', { tag: 'pump2.auto', value: 1 })
    await player.stop('maintenance-pump2.auto')
    await player.stop('rogue-write')
    expect(auto()).toBe(1)
  })

  it('ends all at once', async () => {
    const { player } = prepare()
    const names = ['pump-stop', 'sensor-freeze', 'setpoint-tamper']
    for (const name of names) await player.start(name)
    await player.stopAll()
    expect(player.labels.map(({ name, end }) => [name, end])).toEqual(names.map((name) => [name, 1_000_000]))
  })
})
