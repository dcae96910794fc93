import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TagOnWire } from '../../../simulators/attacks/tag-on-wire.ts'
import { readTag, tagNamed } from '../../../simulators/plc/tag-map.ts'
import { WATER_MAP } from '../../../simulators/plc/water-map.ts'
import { createWaterWorks } from '../../../simulators/plc/water-plc.ts'
import { directLink } from '../../parts/direct-link.ts'
import { prepare } from './middle-parts.ts'

describe('replies altered on their way', () => {
  it.each(['tower.level', 'zone2.flow', 'volume.total', 'well.level'])('show %s shifted, and nothing else', async (tag) => {
    const { player, plc, desk, truth, tampers } = prepare()
    plc.scan()
    await player.start('spoofed-reply', { victim: 'operator', tag, by: 3 })
    await desk.look(0)
    expect(desk.value(tag)).toBeCloseTo(truth(tag) + 3, 1)
    const others = Object.keys(WATER_MAP.tags).filter((other) => other !== tag)
    expect(others.map((other) => [other, desk.value(other)])).toEqual(others.map((other) => [other, truth(other)]))
    await player.stop('spoofed-reply')
    expect(tampers.size).toBe(0)
    await desk.look(0)
    expect(desk.value(tag)).toBe(truth(tag))
  })

  it.each(['pump1.auto', 'power.ok', 'zone2.opened'])('show the bit of %s turned round', async (tag) => {
    const { player, plc, shown, truth } = prepare()
    plc.scan()
    await player.start('spoofed-reply', { victim: 'operator', tag, by: -1 })
    expect([truth(tag), await shown(tag)]).toEqual([1, 0])
  })

  it('show on what was seen first', async () => {
    const { player, plc, shown, truth } = prepare()
    plc.scan()
    await player.start('spoofed-reply', { victim: 'operator' })
    const first = await shown('tower.level')
    for (let i = 0; i < 3000 && truth('tower.level') === first; i++) plc.scan()
    expect(truth('tower.level')).not.toBe(first)
    expect(await shown('tower.level')).toBe(first)
  })
})

describe('orders altered on their way', () => {
  it('reach the PLC as another value, while the operator sees what was meant', async () => {
    const { player, desk, shown, truth } = prepare()
    await player.start('spoofed-request', { tag: 'chlorine.setpoint', value: 1.5 })
    expect(truth('chlorine.setpoint')).toBeCloseTo(0.5)
    await desk.write({ 'chlorine.setpoint': 0.6 })
    expect(truth('chlorine.setpoint')).toBeCloseTo(1.5)
    expect(await shown('chlorine.setpoint')).toBeCloseTo(0.6)
    await player.stop('spoofed-request')
    expect(truth('chlorine.setpoint')).toBeCloseTo(0.6)
  })

  it('are found in a write of several registers, and in one of a coil', async () => {
    const { player, desk, truth, shown } = prepare()
    await player.start('spoofed-request', { tag: 'tower.stop-setpoint', value: 5.9, hide: false })
    await desk.write({ 'tower.start-setpoint': 3.1, 'tower.stop-setpoint': 4.6 })
    expect([truth('tower.start-setpoint'), truth('tower.stop-setpoint')]).toEqual([expect.closeTo(3.1), expect.closeTo(5.9)])
    expect(await shown('tower.stop-setpoint')).toBeCloseTo(5.9)
    await player.stop('spoofed-request')
    await player.start('spoofed-request', { tag: 'dosing.enable', value: 0 })
    await desk.write({ 'dosing.enable': 1 })
    expect([truth('dosing.enable'), await shown('dosing.enable')]).toEqual([0, 1])
  })

  it('are confirmed as they were meant', async () => {
    const { player, link } = prepare()
    await player.start('spoofed-request', { tag: 'chlorine.setpoint', value: 1.5, hide: false })
    const order = Uint8Array.of(6, 0, 2, 2, 88)
    expect([...(await link.request(order))]).toEqual([...order])
  })
})

describe('a tag on the wire', () => {
  it('lets bytes that are no PDU of it pass as they came, whatever they are', () => {
    const bytes = fc.uint8Array({ maxLength: 260 }).map((array) => Buffer.from(array))
    const tags = fc.constantFrom('tower.level', 'chlorine.setpoint', 'pump1.auto', 'power.ok', 'wash.running')
    fc.assert(
      fc.property(tags, bytes, bytes, (tag, request, reply) => {
        const wire = new TagOnWire(WATER_MAP, tag)
        const same = (value: number) => value
        for (const [out, given] of [
          [wire.inReply(request, reply, () => 1), reply],
          [wire.inRequest(request, () => 1), request],
          [wire.inConfirmation(reply, same), reply]
        ] as const)
          expect(out.length).toBe(given.length)
      })
    )
  })

  it('sees the tag in every reply that carries all of it', () => {
    const { plc } = createWaterWorks({ seed: 1 })
    plc.scan()
    const link = directLink({ image: plc.image, host: '127.0.0.10' })
    return fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 4, max: 18 }), async (first, count) => {
        const request = Buffer.from([4, 0, first, 0, count])
        const seen: number[] = []
        const look = (value: number) => {
          seen.push(value)
          return value
        }
        const reply = await link.request(request)
        expect(new TagOnWire(WATER_MAP, 'tower.inflow').inReply(request, reply, look)).toEqual(reply)
        expect(seen).toEqual([readTag(plc.image, tagNamed(WATER_MAP, 'tower.inflow'))])
      })
    )
  })
})
