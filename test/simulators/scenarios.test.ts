// The scenarios that are shipped: each can be read, each says what it is about, and together they keep what is promised.
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#runtime/config-file.ts'
import { DAY_SECONDS, PLANTS } from '../../simulators/plants/plant.ts'
import { lengthOf, Scenario } from '../../simulators/scenario.ts'

const folder = new URL('../../simulators/scenarios/', import.meta.url).pathname
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
const scenarios = await Promise.all(
  files.map(async (file) => ({ file, config: (await readConfig({ file: folder + file, schema: Scenario })).config }))
)
const isQuiet = ({ config }: (typeof scenarios)[number]) => config.timeline.every(({ attack }) => attack === undefined)

describe('the shipped scenarios', () => {
  it('are at least thirty, for all plants', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(30)
    expect(new Set(scenarios.map(({ config }) => config.plant))).toEqual(new Set(PLANTS))
  })

  it('have two quiet months for each plant, with faults that are no attacks', () => {
    const months = scenarios.filter((one) => isQuiet(one) && lengthOf(one.config) >= 30 * DAY_SECONDS)
    for (const plant of PLANTS) {
      const own = months.filter(({ config }) => config.plant === plant)
      expect(own.length, plant).toBeGreaterThanOrEqual(2)
      for (const { file, config } of own) expect(config.timeline.length, file).toBeGreaterThan(3)
    }
  })

  it('play at least twenty kinds of attack', () => {
    const played = new Set(scenarios.flatMap(({ config }) => config.timeline.flatMap(({ attack }) => attack ?? [])))
    expect(played.size).toBeGreaterThanOrEqual(20)
  })

  it.each(scenarios)('$file ends after its timeline and says what it is about', ({ config }) => {
    const last = Math.max(0, ...config.timeline.map((step) => step.at + (step.for ?? 0)))
    expect(lengthOf(config)).toBeGreaterThan(last)
    expect(config.title?.zh.length).toBeGreaterThan(0)
  })
})
