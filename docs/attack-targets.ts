// What attacks do when a timeline gives them no parameters: each is played once on each plant, without sockets, and what its label
// names and what it wrote first is told.
import type { Eyes } from '../simulators/attacks/attack.ts'
import { usualTag } from '../simulators/attacks/usual-tag.ts'
import { mapOf } from '../simulators/maps.ts'
import { playOffline } from '../simulators/offline.ts'
import { PLANTS, type PlantKind } from '../simulators/plants/plant.ts'
import { attackNamed } from '../simulators/player.ts'
import { readTag, tagNamed } from '../simulators/plc/tag-map.ts'
import { Scenario } from '../simulators/scenario.ts'
import { createWorks } from '../simulators/works.ts'

export interface UsualTarget {
  plant: PlantKind
  tags: readonly string[]
  /** What stood in the PLC before the first strike and after it, where that differs. */
  written: readonly { tag: string; before: number; after: number }[]
}

const STRIKES_AT = 3
// For what needs a past.
const STRIKES_LATER_AT = 60
// There is no OPC UA server without sockets. What such attacks take by default is a matter of their code.
const OVER_OPCUA: Readonly<Record<string, 'measurement' | 'setpoint' | 'alarmed'>> = {
  'anonymous-session': 'measurement',
  'opcua-write': 'setpoint',
  'opcua-call': 'alarmed'
}
const NOBODY: Eyes = {
  agent: 'nobody',
  stopAgent: async () => {},
  startAgent: async () => {},
  shiftClock: () => {},
  loseMessages: () => {},
  forge: async () => {},
  leaveOut: async () => {}
}

/** Attacks that are about no tag have no targets. */
export async function usualTargetsOf(name: string): Promise<UsualTarget[]> {
  const attack = attackNamed(name)
  if (attack === undefined) return []
  const targets: UsualTarget[] = []
  for (const plant of attack.plants ?? PLANTS) targets.push(await played(name, plant))
  return targets.filter(({ tags }) => tags.length > 0)
}

async function played(name: string, plant: PlantKind): Promise<UsualTarget> {
  const attack = attackNamed(name)
  if (attack?.needs?.includes('opcua') === true) return { plant, tags: await tagsOverOpcua(name, plant), written: [] }
  const strikesAt = attack?.needsPast === true ? STRIKES_LATER_AT : STRIKES_AT
  const timeline = [{ at: new Date(strikesAt * 1000).toISOString().slice(11, 19), attack: name }]
  const scenario = Scenario.parse({ plant, operator: { enabled: false }, timeline })
  const values: Record<string, number>[] = []
  const { labels } = await playOffline({
    ...{ scenario, seconds: strikesAt + 2, eyes: NOBODY },
    onScan: ({ scene: { map, plc } }) => {
      const written = Object.entries(map.tags).filter(([, { role }]) => role === 'setpoint' || role === 'command')
      values.push(Object.fromEntries(written.map(([tag, row]) => [tag, readTag(plc.image, row)])))
    }
  })
  const tags = labels[0]?.tags ?? []
  const [before = {}, after = {}] = [values[strikesAt - 1], values[strikesAt]]
  const changed = tags.filter((tag) => tagNamed(mapOf(plant), tag) !== undefined && before[tag] !== after[tag])
  return { plant, tags, written: changed.map((tag) => ({ tag, before: before[tag] ?? 0, after: after[tag] ?? 0 })) }
}

async function tagsOverOpcua(name: string, plant: PlantKind): Promise<string[]> {
  const kind = OVER_OPCUA[name]
  if (kind === undefined) return []
  const { map, alarms } = await createWorks(plant, { seed: 1 })
  if (kind !== 'alarmed') return [usualTag(map, kind)]
  return Object.keys(map.tags)
    .filter((tag) => alarms.some(({ source }) => source === tag))
    .slice(0, 1)
}
