// What the page is told of a plant at one moment.
import { type Language, pick } from '#contract/text.ts'
import { FAULTS } from '../faults/faults.ts'
import { troubleOf } from '../faults/troubles.ts'
import type { PlantKind } from '../plants/plant.ts'
import { attackNamed } from '../player.ts'
import { readTag } from '../plc/tag-map.ts'
import type { Scene } from '../scene.ts'
import { clockOf, type ShownAlarm, shownAlarms, shownValue } from '../value-text.ts'

const SHOWN_LABELS = 20

export interface Moment {
  clock: string
  values: Record<string, { value: number; text: string }>
  /** The alarms of the plant's own PLC that stand. */
  alarms: ShownAlarm[]
  playing: string[]
  labels: {
    name: string
    title: string
    technique: string | null
    tags: string[]
    hosts: string[]
    from: string
    to: string
    open: boolean
  }[]
}

export function momentOf({ works, map, plc, plant, player }: Scene, language: Language): Moment {
  const values = Object.fromEntries(
    Object.entries(map.tags).map(([tag, row]) => {
      const value = readTag(plc.image, row)
      return [tag, { value, text: withPowers(shownValue(row, value, language)) }]
    })
  )
  const labels = player.labels.slice(-SHOWN_LABELS).toReversed()
  return {
    clock: clockOf(plant.seconds, language),
    values,
    alarms: shownAlarms(works, language).map(({ tag, text }) => ({ tag, text: withPowers(text) })),
    playing: player.playing,
    labels: labels.map(({ name, technique, tags, hosts, start, end }) => ({
      ...{
        name,
        title: titleOf(map.plant, name, language),
        technique,
        tags,
        hosts,
        from: timeText(start),
        to: end === null ? '…' : timeText(end),
        open: end === null
      }
    }))
  }
}

const timeText = (time: number): string => new Date(time).toLocaleTimeString('en-GB')

// Units are kept in letters that every protocol carries.
const withPowers = (text: string): string => text.replace(/ ((?:[a-zA-Z]+\/)?m)3\b/, ' $1³')

function titleOf(plant: PlantKind, name: string, language: Language): string {
  const fault = Object.entries(FAULTS).find(([one]) => one === name)?.[1]
  const title = (attackNamed(name) ?? fault ?? troubleOf(plant, name))?.title
  return title === undefined ? name : pick(title, language)
}
