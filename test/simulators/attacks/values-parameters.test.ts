import { describe, expect, it } from 'vitest'
import { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { targetsOf } from '../../../simulators/attacks/target.ts'
import { FAULTS } from '../../../simulators/faults/faults.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import { attackNamed } from '../../../simulators/player.ts'
import { Scenario } from '../../../simulators/scenario.ts'

// The places of what is wrong with an attack in a scenario.
function wrongPlaces(attack: string, parameters: unknown, plant: PlantKind): string[] {
  const opcua = attackNamed(attack)?.needs?.includes('opcua') === true ? { port: 0, pki: 'pki', anonymous: 'operator' } : undefined
  const checked = Scenario.safeParse({ plant, opcua, timeline: [{ at: '00:01', attack, with: parameters }] })
  return checked.error?.issues.map(({ path }) => path.join('.')) ?? []
}

const names = Object.keys(ATTACKS)
const plantFor = (name: string): PlantKind => attackNamed(name)?.plants?.[0] ?? 'water'

describe('the parameters of attacks', () => {
  it.each(names)('%s can do without, and refuses keys it does not know', (name) => {
    expect(wrongPlaces(name, {}, plantFor(name)).filter((place) => !place.endsWith('.with.tag'))).toEqual([])
    expect(wrongPlaces(name, { colour: 'red' }, plantFor(name))).toContain('timeline.0.with')
  })

  it.each([
    ['sensor-bias', {}, 'chlorine.setpoint'],
    ['report-drift', {}, 'pump1.auto'],
    ['report-noise', {}, 'pump1.running'],
    ['report-scaling', {}, 'power.ok'],
    ['replay', {}, 'chlorine.setpoint'],
    ['totaliser-rollback', { by: 1 }, 'pump1.auto'],
    ['alarm-suppression', {}, 'tower.level'],
    ['alarm-limit-raise', { value: 1 }, 'tower.high-alarm'],
    ['setpoint-salami', { to: 1, slice: 0.1 }, 'tower.level'],
    ['valve-hammer', {}, 'chlorine.setpoint'],
    ['spoofed-request', { value: 1 }, 'tower.level'],
    ['spoofed-reply', {}, 'moon.phase']
  ])('%s refuses a tag of another role, or none of the plant', (name, more, tag) => {
    expect(wrongPlaces(name, { ...more, tag }, 'water')).toEqual(['timeline.0.with.tag'])
  })

  it.each([
    ['setpoint-tamper', { tag: 'tower.stop-setpoint' }],
    ['setpoint-salami', { tag: 'chlorine.setpoint', to: 1 }],
    ['alarm-limit-raise', { tag: 'tower.high-limit' }],
    ['totaliser-rollback', { tag: 'energy.total' }],
    ['spoofed-request', { tag: 'pump.lead' }]
  ])('%s wants its value beside a tag of your own', (name, parameters) => {
    expect(wrongPlaces(name, parameters, 'water')).toEqual(['timeline.0.with.tag'])
  })

  it('are told with the plant they are for', () => {
    expect(wrongPlaces('chlorine-overdose', {}, 'gas')).toEqual(['timeline.0.attack'])
    expect(wrongPlaces('odorant-stop', {}, 'water')).toEqual(['timeline.0.attack'])
  })

  it('keep what is wanted of a tag that must be named', () => {
    expect(targetsOf(FAULTS['sensor-drift'].parameters)).toEqual([{ key: 'tag', roles: ['measurement'], need: 'range' }])
  })
})
