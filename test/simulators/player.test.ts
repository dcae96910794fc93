import { describe, expect, it } from 'vitest'
import { Label } from '#contract/label.ts'
import { LinkFault } from '../../simulators/plc/modbus-link.ts'
import { COMMANDS } from '../../simulators/plc/water-registers.ts'
import { prepare } from './player-parts.ts'

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
})
