// What the API may know of the plants, put together from the rooms that know it.
import type { Overview, PartState, RuleView } from '#contract/api.ts'
import type { Engine } from '#rules/engine.ts'
import type { Plant } from './api/plant.ts'
import type { Centre } from './centre.ts'
import type { Rate } from './counters.ts'
import type { DeviceEvents } from './device-events.ts'
import type { Ledger } from './ingest/ledger.ts'
import type { Quarantine } from './ingest/quarantine.ts'
import type { Inventory } from './inventory.ts'
import type { TelemetryStore } from './store/telemetry.ts'

export interface PlantRooms {
  inventory: Inventory
  ledger: Ledger
  events: DeviceEvents
  quarantine: Quarantine
  engine: Engine
  store: TelemetryStore
  centre: Centre
  rate: Rate
  waiting: () => Overview['waiting']
  now?: () => number
}

export function plantOf({
  inventory,
  ledger,
  events,
  quarantine,
  engine,
  store,
  centre,
  rate,
  waiting,
  now = Date.now
}: PlantRooms): Plant {
  const parts = (): PartState[] => centre.parts()
  return {
    overview: () => ({ time: now(), sites: inventory.sites(), parts: parts(), waiting: waiting(), samplesPerSecond: rate.perSecond() }),
    parts,
    tags: (query) => inventory.tags(query),
    gaps: (query) => ledger.gaps(query),
    events: (query) => events.find(query),
    quarantine: () => quarantine.entries(),
    rules: () => engine.checks().map(viewOf),
    deviceOf: ({ site, agent, tag }) => inventory.tag(site, agent, tag)?.device,
    seriesOf({ site, agent, tag, view }) {
      const known = inventory.find(site, agent)
      return known?.slotOf(tag) === undefined ? undefined : store.series({ site, agent, tag, view })
    }
  }
}

function viewOf({
  id,
  kind,
  pack,
  title,
  why,
  severity,
  techniques,
  parameters,
  subjects,
  faults
}: ReturnType<Engine['checks']>[number]): RuleView {
  return { rule: id, kind, pack, title, why, severity, techniques: [...techniques], parameters, subjects, faults }
}
