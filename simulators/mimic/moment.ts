// What the page is told of a plant at one moment.
import type { Language } from '#contract/text.ts'
import { readTag } from '../plc/tag-map.ts'
import type { Scene } from '../scene.ts'
import { clockOf, shownValue } from '../value-text.ts'

const SHOWN_LABELS = 20

export interface Moment {
  clock: string
  values: Record<string, { value: number; text: string }>
  playing: string[]
  labels: { name: string; technique: string | null; tags: string[]; hosts: string[]; from: string; to: string; open: boolean }[]
}

export function momentOf({ map, plc, plant, player }: Scene, language: Language): Moment {
  const values = Object.fromEntries(
    Object.entries(map.tags).map(([tag, row]) => {
      const value = readTag(plc.image, row)
      return [tag, { value, text: shownValue(row, value, language) }]
    })
  )
  const labels = player.labels.slice(-SHOWN_LABELS).toReversed()
  return {
    clock: clockOf(plant.seconds, language),
    values,
    playing: player.playing,
    labels: labels.map(({ name, technique, tags, hosts, start, end }) => ({
      ...{ name, technique, tags, hosts, from: timeText(start), to: end === null ? '…' : timeText(end), open: end === null }
    }))
  }
}

const timeText = (time: number): string => new Date(time).toLocaleTimeString('en-GB')
