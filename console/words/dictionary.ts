// The one dictionary: each key with both languages. A value stands in {braces}; {count|alert|alerts} gives the English plural.
import { alerts } from './alerts.ts'
import { centre } from './centre.ts'
import { events } from './events.ts'
import { overview } from './overview.ts'
import { plant } from './plant.ts'
import { shell } from './shell.ts'

export const groups = { shell, overview, alerts, plant, events, centre }

export const dictionary = { ...shell, ...overview, ...alerts, ...plant, ...events, ...centre } as const
