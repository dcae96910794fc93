// What the range can play: the scenarios that come with Penstock, the attacks and the faults, with titles, techniques and plants.
import type { Language, Text } from '#contract/text.ts'
import type { Outcome } from '#runtime/command-line.ts'
import { sayIn } from '#runtime/command-line.ts'
import { consoleTable } from '#runtime/console-table.ts'
import { ATTACKS } from '../simulators/attacks/attacks.ts'
import { FAULTS } from '../simulators/faults/faults.ts'
import { PLANTS, type PlantKind } from '../simulators/plants/plant.ts'
import { attackNamed, faultNamed } from '../simulators/player.ts'
import { lengthOf } from '../simulators/scenario.ts'
import { readScenarios } from './run-scenarios.ts'

interface Listed {
  name: string
  title: Text | null
  plants: readonly PlantKind[]
}

export interface RangeList {
  scenarios: (Listed & { seconds: number; attacks: string[]; faults: string[] })[]
  attacks: (Listed & { technique: string; needs: readonly string[] })[]
  faults: Listed[]
}

export async function listRange(language: Language): Promise<RangeList> {
  const scenarios = await readScenarios({ wanted: [], all: true, language })
  return {
    scenarios: scenarios.map(({ name, scenario }) => ({
      ...{ name, title: scenario.title ?? null, plants: [scenario.plant], seconds: lengthOf(scenario) },
      attacks: [...new Set(scenario.timeline.flatMap(({ attack }) => attack ?? []))],
      faults: [...new Set(scenario.timeline.flatMap(({ fault }) => fault ?? []))]
    })),
    attacks: Object.keys(ATTACKS).flatMap((name) => {
      const attack = attackNamed(name)
      if (attack === undefined) return []
      const { title, technique, plants = PLANTS, needs = [] } = attack
      return [{ name, title, plants, technique, needs }]
    }),
    faults: Object.keys(FAULTS).flatMap((name) => {
      const fault = faultNamed(name)
      return fault === undefined ? [] : [{ name, title: fault.title, plants: PLANTS }]
    })
  }
}

export async function listOutcome(language: Language): Promise<Outcome> {
  const say = sayIn(language)
  const data = await listRange(language)
  const titleOf = ({ title }: Listed) => (title === null ? '' : say(title.zh, title.en))
  const plantsOf = ({ plants }: Listed) => (plants.length === PLANTS.length ? say('全部', 'all') : plants.join(', '))
  const name = { title: say('名称', 'name') }
  const plant = { title: say('厂站', 'plant') }
  const title = { title: say('说明', 'title') }
  const text = [
    consoleTable({
      columns: [{ title: say('场景', 'scenario') }, plant, { title: say('小时', 'hours'), align: 'right' }, title],
      rows: data.scenarios.map((one) => [one.name, plantsOf(one), (one.seconds / 3600).toFixed(1), titleOf(one)])
    }),
    consoleTable({
      columns: [{ ...name, title: say('攻击', 'attack') }, { title: say('技术', 'technique') }, plant, title],
      rows: data.attacks.map((one) => [one.name, one.technique, plantsOf(one), titleOf(one)])
    }),
    consoleTable({
      columns: [{ ...name, title: say('故障', 'fault') }, plant, title],
      rows: data.faults.map((one) => [one.name, plantsOf(one), titleOf(one)])
    })
  ].join('\n\n')
  return { text, data, trouble: false }
}
