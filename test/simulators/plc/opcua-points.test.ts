// What a tag map becomes over OPC UA: types that lose nothing, units by their code, and a band of what is taken that no register cuts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PLANTS } from '../../../simulators/plants/plant.ts'
import { type NumberPoint, UNITS } from '../../../simulators/plc/opcua-point.ts'
import { pointsOf } from '../../../simulators/plc/opcua-points.ts'
import { FORMATS, type Format } from '../../../simulators/plc/registers.ts'
import { imageOf, readTag, type TagMap, type TagRow } from '../../../simulators/plc/tag-map.ts'
import { createWorks } from '../../../simulators/works.ts'

const mapOf = (row: TagRow): TagMap => ({
  plant: 'water',
  identity: { vendor: 'Siyuan', product: 'RTU-7', revision: '2.1' },
  tags: { 'some.value': row }
})
const row = (format: Format, more: Partial<TagRow> = {}, scale = 1, offset = 0): TagRow => ({
  ...{ title: { zh: '数值', en: 'Value' }, role: 'setpoint', place: { table: 'holdingRegisters', address: 0, format, scale, offset } },
  ...more
})

function pointOf(tag: TagRow): { point: NumberPoint; value: () => number } {
  const map = mapOf(tag)
  const image = imageOf(map)
  const [point] = pointsOf(map, image)
  if (point === undefined || point.type === 'Boolean') throw new Error('a register makes a number')
  return { point, value: () => readTag(image, tag) }
}

describe('the type of a point', () => {
  it.each([
    ['uint16', 1, 'UInt16'],
    ['int16', 1, 'Int16'],
    ['uint32', 1, 'UInt32'],
    ['int32', 1, 'Int32'],
    ['float32', 1, 'Float'],
    ['float64', 1, 'Double'],
    ['uint16', 0.1, 'Float'],
    ['int16', 0.01, 'Float'],
    ['uint32', 0.01, 'Double'],
    ['int32', 0.1, 'Double']
  ] as const)('of %s in steps of %d is %s', (format, scale, type) => {
    expect(pointOf(row(format, {}, scale)).point.type).toBe(type)
  })

  it('of a bit is Boolean, and it can be written when people may', () => {
    const map = mapOf({ title: { zh: '开', en: 'On' }, role: 'command', place: { table: 'holdingRegisters', address: 0, bit: 3 } })
    const image = imageOf(map)
    const [point] = pointsOf(map, image)
    if (point?.type !== 'Boolean') throw new Error('a bit makes a flag')
    point.write?.(true)
    expect([point.read(), image.holdingRegisters[0]]).toEqual([true, 8])
    point.write?.(false)
    expect([point.read(), image.holdingRegisters[0]]).toEqual([false, 0])
  })
})

describe('what is taken when people write it', () => {
  it('comes back as it was written, whatever the format, scale and offset', () => {
    const ranged = fc.record({
      format: fc.constantFrom(...FORMATS),
      scale: fc.constantFrom(0.001, 0.01, 0.1, 1, 10),
      offset: fc.constantFrom(-40, 0, 100),
      low: fc.integer({ min: -100, max: 100 }),
      span: fc.integer({ min: 1, max: 1000 }),
      at: fc.double({ min: 0, max: 1, noNaN: true })
    })
    fc.assert(
      fc.property(ranged, ({ format, scale, offset, low, span, at }) => {
        const { point, value } = pointOf(row(format, { range: { low, high: low + span } }, scale, offset))
        const { accepted } = point
        if (accepted === undefined) throw new Error('what has a range has a band of what is taken')
        fc.pre(accepted.low <= accepted.high)
        const wanted = accepted.low + (accepted.high - accepted.low) * at
        point.write?.(wanted)
        // A float keeps about seven digits of what it holds, which the offset is a part of.
        const step = format.startsWith('float') ? (Math.abs(wanted) + Math.abs(offset)) * 1e-6 : scale * 0.501
        expect(Math.abs(value() - wanted)).toBeLessThanOrEqual(step + Math.abs(wanted) * 1e-9 + 1e-9)
      }),
      { numRuns: 500 }
    )
  })

  it('has no band without a range, and is not taken at all where people only read', () => {
    expect(pointOf(row('uint16')).point.accepted).toBeUndefined()
    const { point } = pointOf(row('uint16', { role: 'measurement', range: { low: 0, high: 10 } }))
    expect([point.write, point.accepted]).toEqual([undefined, undefined])
  })
})

describe.each(PLANTS)('the points of the %s plant', (plant) => {
  it('cover every tag, with units that are known and initial values that could be written', async () => {
    const { map, plc } = await createWorks(plant, { seed: 1 })
    const points = pointsOf(map, plc.image)
    expect(points.map(({ tag }) => tag)).toEqual(Object.keys(map.tags))
    for (const point of points) {
      if (point.type === 'Boolean') continue
      const { unit } = map.tags[point.tag] ?? {}
      if (unit !== undefined) expect(Object.hasOwn(UNITS, unit), unit).toBe(true)
      expect(point.unit?.code ?? null).toBe(UNITS[unit ?? ''] ?? null)
      if (point.accepted === undefined) continue
      expect(point.read(), point.tag).toBeGreaterThanOrEqual(point.accepted.low)
      expect(point.read(), point.tag).toBeLessThanOrEqual(point.accepted.high)
    }
  })
})
