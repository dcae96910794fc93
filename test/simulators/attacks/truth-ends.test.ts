// Labels tell the truth, continued: where a shipped scenario ends an attack that writes, what people would call its harm is over
// within the grace of the board. An attack whose harm goes on lasts to the end of its scenario.
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#runtime/config-file.ts'
import { mapOf } from '../../../simulators/maps.ts'
import { playOffline } from '../../../simulators/offline.ts'
import { readTag } from '../../../simulators/plc/tag-map.ts'
import { lengthOf, Scenario } from '../../../simulators/scenario.ts'
import { PROOFS } from './truth-proofs.ts'

const GRACE_SECONDS = 300
const EVERY_SECONDS = 10
// By what people are harmed, as far as it is shown: alarms, what they drink and smell, pressure, warmth and the water in store.
const HARM =
  /-alarm$|\.alarm$|slammed$|residual$|concentration$|^(outlet|network|zone2?|supply|return)\.(pressure|temperature)$|^tower\.level$/

const folder = new URL('../../../simulators/scenarios/', import.meta.url).pathname
const shipped = await Promise.all(
  readdirSync(folder).map(async (file) => ({ file, scenario: (await readConfig({ file: folder + file, schema: Scenario })).config }))
)
const writes = ({ attack }: Scenario['timeline'][number]): boolean =>
  attack !== undefined && (PROOFS[attack].kind === 'writes' || attack === 'spoofed-request')
const ended = shipped.filter(({ scenario }) => scenario.timeline.some((step) => writes(step) && step.for !== undefined))

async function play(scenario: Scenario, seconds: number): Promise<Map<string, number[]>> {
  const rows = Object.entries(mapOf(scenario.plant).tags).filter(([tag]) => HARM.test(tag))
  const shown = new Map<string, number[]>(rows.map(([tag]) => [tag, []]))
  await playOffline({
    ...{ scenario, seconds, stepMs: 1000 },
    onScan({ second, scene }) {
      if (second % EVERY_SECONDS === 1) for (const [tag, row] of rows) shown.get(tag)?.push(readTag(scene.plc.image, row))
    }
  })
  return shown
}

describe('the end of a label', () => {
  it('is left to the end of the scenario by most attacks that write', () => {
    const lasting = shipped.filter(({ scenario }) => scenario.timeline.some((step) => writes(step) && step.for === undefined))
    expect(ended.length).toBeGreaterThan(0)
    expect(lasting.length).toBeGreaterThan(ended.length)
  })

  it.each(ended)('$file is when the harm is over', async ({ scenario }) => {
    const seconds = lengthOf(scenario)
    const attacked = await play(scenario, seconds)
    const quiet = await play({ ...scenario, timeline: scenario.timeline.filter((step) => !writes(step)) }, seconds)
    const { tags } = mapOf(scenario.plant)
    const late: string[] = []
    for (const step of scenario.timeline.filter((one) => writes(one) && one.for !== undefined)) {
      const from = step.at + (step.for ?? 0) + GRACE_SECONDS
      const until = Math.min(seconds, ...scenario.timeline.filter(({ at }) => at > step.at).map(({ at }) => at))
      for (const [tag, values] of attacked) {
        const { low, high } = tags[tag]?.range ?? { low: 0, high: 1 }
        for (let second = from; second < until; second += EVERY_SECONDS) {
          const at = Math.floor(second / EVERY_SECONDS)
          if (Math.abs((values[at] ?? 0) - (quiet.get(tag)?.[at] ?? 0)) > (high - low) * 0.02) late.push(`${tag} at ${second} s`)
        }
      }
    }
    expect(late.slice(0, 5)).toEqual([])
  })
})
