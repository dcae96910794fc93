// Orders that are altered on their way while others have the same tag in hand: whoever ends last puts back what was meant.
import { describe, expect, it } from 'vitest'
import { playOffline } from '../../../simulators/offline.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { Scenario } from '../../../simulators/scenario.ts'
import { prepare } from './middle-parts.ts'

const TAG = 'chlorine.setpoint'
const SPOOFED = { tag: TAG, value: 1.5 }
const TAMPERED = { tag: TAG, value: 1.8 }

describe('orders altered on their way, beside another attack on the tag', () => {
  it('leave what the other wrote for as long as it lasts, and what was meant after it', async () => {
    const { player, order, truth, rightful } = prepare()
    await player.start('spoofed-request', SPOOFED)
    await order({ [TAG]: 0.6 })
    await player.start('setpoint-tamper', TAMPERED)
    expect(truth(TAG)).toBeCloseTo(1.8)
    await player.stop('spoofed-request')
    expect(truth(TAG)).toBeCloseTo(1.8)
    await player.stop('setpoint-tamper')
    expect(truth(TAG)).toBeCloseTo(0.6)
    expect(rightful.value(TAG)).toBe(undefined)
  })

  it('are put right at their own end when that is the later one', async () => {
    const { player, order, truth, rightful } = prepare()
    await player.start('spoofed-request', SPOOFED)
    await order({ [TAG]: 0.6 })
    await player.start('setpoint-tamper', TAMPERED)
    await order({ [TAG]: 0.7 })
    await player.stop('setpoint-tamper')
    expect(truth(TAG)).not.toBeCloseTo(0.7)
    await player.stop('spoofed-request')
    expect(truth(TAG)).toBeCloseTo(0.7)
    expect(rightful.value(TAG)).toBe(undefined)
  })

  it('are not in hand before there was one: what the other found is put back', async () => {
    const { player, order, truth } = prepare()
    await player.start('spoofed-request', SPOOFED)
    await player.start('setpoint-tamper', TAMPERED)
    await player.stop('setpoint-tamper')
    expect(truth(TAG)).toBeCloseTo(0.5)
    await player.start('setpoint-tamper', TAMPERED)
    await order({ [TAG]: 0.55 })
    await player.stop('spoofed-request')
    await player.stop('setpoint-tamper')
    expect(truth(TAG)).toBeCloseTo(0.55)
  })

  it('count as they were meant for the engineer, and for whoever comes after him', async () => {
    const { player, truth } = prepare()
    await player.start('spoofed-request', SPOOFED)
    await player.start('maintenance', { work: 'calibration', tag: TAG, percent: 5 })
    expect(truth(TAG)).toBeCloseTo(1.5)
    await player.start('setpoint-tamper', TAMPERED)
    await player.stop('spoofed-request')
    await player.stop('setpoint-tamper')
    expect(truth(TAG)).toBeCloseTo(0.525)
  })

  it('do not start what the program was once told to do and never heard of', async () => {
    const { player, order, truth } = prepare()
    await player.start('spoofed-request', { tag: 'wash.start', value: 0 })
    await order({ 'wash.start': 1 })
    expect(truth('wash.start')).toBe(0)
    await player.stop('spoofed-request')
    expect(truth('wash.start')).toBe(0)
  })

  it('leave no lie behind in a scenario', async () => {
    const scenario = Scenario.parse({
      ...{ plant: 'water', startsAt: 'tue 03:00', operator: { everySeconds: 5 } },
      timeline: [
        { at: '00:02', for: '00:10', attack: 'spoofed-request' },
        { at: '00:04', for: '00:01', fault: 'maintenance', with: { work: 'calibration', tag: TAG, percent: 5 } },
        { at: '00:08', for: '00:08', attack: 'setpoint-tamper' }
      ]
    })
    const shown: number[] = []
    await playOffline({
      ...{ scenario, seconds: 1080, stepMs: 1000 },
      onScan: ({ scene: { plc, map } }) => void shown.push(readTag(plc.image, tagNamed(map, TAG)))
    })
    const at = (minutes: number) => shown[minutes * 60 + 30]
    expect([at(1), at(5), at(9), at(13), at(16)].map((value) => Number(value?.toFixed(3)))).toEqual([0.5, 1.5, 1.8, 1.8, 0.525])
  })
})
