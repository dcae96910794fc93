import { describe, expect, it } from 'vitest'
import { Tag, TagName } from '#contract/tag.ts'
import { Noise } from '../../../simulators/plants/noise.ts'
import { DAY_SECONDS } from '../../../simulators/plants/plant.ts'
import type { Desk } from '../../../simulators/plc/duty.ts'
import { gasDuties } from '../../../simulators/plc/gas-duties.ts'
import { GAS_MAP } from '../../../simulators/plc/gas-map.ts'
import { createGasWorks } from '../../../simulators/plc/gas-plc.ts'
import { wordsOf } from '../../../simulators/plc/registers.ts'
import { imageOf, isRegister, readTag, type TagMap, tagNamed, writeTag } from '../../../simulators/plc/tag-map.ts'
import { createWorks } from '../../../simulators/works.ts'

const map: TagMap = GAS_MAP
const rows = Object.entries(map.tags)

describe('the map of the gate station', () => {
  it('lays no two tags on one place', () => {
    const places = rows.flatMap(([, { place }]) =>
      isRegister(place)
        ? Array.from({ length: wordsOf(place) }, (_, i) => `${place.table} ${place.address + i}`)
        : [`${place.table} ${place.address}${place.bit === undefined ? '' : ` bit ${place.bit}`}`]
    )
    expect(new Set(places).size).toBe(places.length)
    const words = rows.flatMap(([, { place }]) =>
      !isRegister(place) && place.bit !== undefined ? [`${place.table} ${place.address}`] : []
    )
    expect(places.filter((place) => words.includes(place))).toEqual([])
  })

  it('names tags, units and ranges as an agent takes them, and starts its setpoints inside them', () => {
    for (const [name, row] of rows) {
      expect(TagName.safeParse(name).success, name).toBe(true)
      expect(Tag.shape.title.safeParse(row.title).success, name).toBe(true)
      if (row.range === undefined || row.initial === undefined) continue
      expect(row.initial, name).toBeGreaterThanOrEqual(row.range.low)
      expect(row.initial, name).toBeLessThanOrEqual(row.range.high)
    }
  })

  it('has gaps that do not exist and setpoints from 400 on', () => {
    const image = imageOf(map)
    expect(image.has('inputRegisters', 0, 7)).toBe(true)
    expect(image.has('inputRegisters', 0, 8)).toBe(false)
    expect(image.has('holdingRegisters', 0, 1)).toBe(false)
    expect(image.has('holdingRegisters', 400, 7)).toBe(true)
    expect(image.has('coils', 6, 1)).toBe(false)
  })

  it('shows what every place can hold: what is written to a tag is read from it again', () => {
    const image = imageOf(map)
    for (const [name, row] of rows) {
      const value = row.range?.high ?? 1
      writeTag(image, row, value)
      expect(readTag(image, row), name).toBeCloseTo(value, 1)
    }
  })
})

describe('the book of the gate station', () => {
  it('keeps six weeks quiet: every value in its band, both lines used, filters and meters seen to, no alarm', async () => {
    const works = await createWorks('gas', { seed: 5, startDay: 40, scanMs: 30_000 })
    const { plc, plant } = works
    const reads = (tag: string) => readTag(plc.image, tagNamed(map, tag))
    const written = new Set<string>()
    const desk: Desk = {
      get seconds() {
        return plant.seconds
      },
      value: reads,
      async write(values) {
        for (const [tag, value] of Object.entries(values)) {
          const { range } = tagNamed(map, tag)
          expect(value, tag).toBeGreaterThanOrEqual(range?.low ?? 0)
          expect(value, tag).toBeLessThanOrEqual(range?.high ?? 1)
          written.add(tag)
          writeTag(plc.image, tagNamed(map, tag), value)
        }
      }
    }
    const noise = new Noise(1, 'operator')
    const told = new Set<string>()
    const lines = new Set<number>()
    for (let day = 0; day < 42; day++) {
      const duties = gasDuties(day, noise).sort((a, b) => a.at - b.at)
      while (plant.seconds < (day + 1) * DAY_SECONDS) {
        for (let duty = duties[0]; duty !== undefined && duty.at <= plant.seconds; duty = duties[0]) {
          duties.shift()
          if (duty.allowed?.(desk) ?? true) await duty.act(desk)
        }
        plc.scan()
        lines.add(reads('line.active'))
        for (const alarm of works.alarms) if (alarm.state() !== null) told.add(alarm.name)
      }
    }
    expect([...told]).toEqual([])
    expect([...lines].sort()).toEqual([1, 2])
    for (const tag of ['outlet.pressure-setpoint', 'filter.selected', 'line1.meter-factor', 'line2.meter-factor'])
      expect([...written]).toContain(tag)
  })

  it('says the same over the wire for the same seed, and something else for another', () => {
    const words = (seed: number) => {
      const { plc } = createGasWorks({ seed, startDay: 40 })
      return Array.from({ length: 50 }, () => {
        plc.scan()
        return [...plc.image.inputRegisters]
      })
    }
    expect(words(3)).toEqual(words(3))
    expect(words(4)).not.toEqual(words(3))
  })
})
