import { describe, expect, it } from 'vitest'
import type { Eyes } from '../../../simulators/attacks/attack.ts'
import { Rightful } from '../../../simulators/attacks/rightful.ts'
import { Player } from '../../../simulators/player.ts'
import { createWaterWorks } from '../../../simulators/plc/water-plc.ts'
import { breakageOf } from '../player-parts.ts'

function prepare({ blind = false } = {}) {
  const { plc, map, troubles } = createWaterWorks({ seed: 1 })
  const done: unknown[][] = []
  const note =
    (what: string) =>
    (...given: unknown[]) =>
      void done.push([what, ...given])
  const later =
    (what: string) =>
    async (...given: unknown[]) =>
      note(what)(...given)
  const eyes: Eyes = {
    agent: 'edge-7',
    ...{ stopAgent: later('stop'), startAgent: later('start'), shiftClock: note('shift'), loseMessages: note('lose') },
    ...{ forge: later('forge'), leaveOut: later('leave out') }
  }
  let now = 1_000_000
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
      link: () => Promise.reject(new Error('no attack on our eyes needs the PLC')),
      ...{ past: () => undefined, tamper: null, opcua: null, eyes: blind ? null : eyes }
    },
    breakage: breakageOf({ plc, troubles }, shared)
  })
  return {
    player,
    done,
    wait: (ms: number) => {
      now += ms
    }
  }
}

describe('attacks on our own eyes', () => {
  it.each([
    ['agent-stopped', 'T0881', {}, [], ['stop'], ['start']],
    ['agent-clock-shifted', 'T0856', { bySeconds: -90.5 }, [], ['shift', -90_500], ['shift', 0]],
    ['messages-dropped', 'T0804', { share: 0.25 }, [], ['lose', 0.25], ['lose', 0]],
    ['config-changed', 'T0838', { tag: 'zone.pressure' }, ['zone.pressure'], ['leave out', 'zone.pressure'], ['leave out', null]]
  ])('%s is done, labelled and undone', async (name, technique, parameters, tags, struck, undone) => {
    const { player, done, wait } = prepare()
    expect(await player.start(name, parameters)).toMatchObject({ name, technique, tags, hosts: ['edge-7'], end: null })
    expect(done).toEqual([struck])
    wait(60_000)
    await player.insist()
    expect(await player.stop(name)).toMatchObject({ start: 1_000_000, end: 1_060_000 })
    expect(done).toEqual([struck, undone])
  })

  it('goes on forging until it is stopped', async () => {
    const { player, done, wait } = prepare()
    expect(await player.start('forged-message')).toMatchObject({ technique: 'T0856', tags: ['tower.level'], hosts: ['edge-7'] })
    wait(5000)
    await player.insist()
    await player.stop('forged-message')
    await player.start('forged-message', { tag: 'pump1.running', value: 1, everySeconds: 0 })
    wait(5000)
    await player.insist()
    expect(done).toEqual([
      ['forge', 'tower.level', 3],
      ['forge', 'tower.level', 3],
      ['forge', 'pump1.running', 1]
    ])
  })

  it('cannot be played where no agent is within reach, and takes no nonsense', async () => {
    await expect(prepare({ blind: true }).player.start('agent-stopped')).rejects.toMatchObject({ code: 'PLAY_IMPOSSIBLE' })
    const { player, done } = prepare()
    await expect(player.start('messages-dropped', { share: 0 })).rejects.toMatchObject({ code: 'PLAY_PARAMETERS' })
    await expect(player.start('agent-clock-shifted', { bySeconds: Number.NaN })).rejects.toMatchObject({ code: 'PLAY_PARAMETERS' })
    expect(done).toEqual([])
  })
})
