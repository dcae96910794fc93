// What the player puts back, and when: also when the line is cut, others are at it, or people have worked meanwhile.
import { describe, expect, it } from 'vitest'
import { LinkFault } from '../../simulators/plc/modbus-link.ts'
import { COMMANDS } from '../../simulators/plc/water-registers.ts'
import { prepare } from './player-parts.ts'

describe('the player, when something is to end', () => {
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
