import { describe, expect, it } from 'vitest'
import { Label } from '#contract/label.ts'
import { Player } from '../../simulators/player.ts'
import { directLink, LinkFault, type ModbusLink } from '../../simulators/plc/modbus-link.ts'
import { takeValue } from '../../simulators/plc/registers.ts'
import { createWaterWorks } from '../../simulators/plc/water-plc.ts'
import { COMMANDS, SETPOINTS } from '../../simulators/plc/water-registers.ts'

function prepare(spoil: (link: ModbusLink) => ModbusLink = (link) => link) {
  const { plc, map, troubles } = createWaterWorks({ seed: 1 })
  const shared = { map, seconds: 0, falsify: plc.falsify.bind(plc) }
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
  const setpoint = () => takeValue(plc.image, SETPOINTS['chlorine.setpoint'])
  return {
    plc,
    told,
    player,
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

  it('ends all at once', async () => {
    const { player } = prepare()
    const names = ['pump-stop', 'sensor-freeze', 'setpoint-tamper']
    for (const name of names) await player.start(name)
    await player.stopAll()
    expect(player.labels.map(({ name, end }) => [name, end])).toEqual(names.map((name) => [name, 1_000_000]))
  })
})
