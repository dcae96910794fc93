// Makes a draft fit for a config: names that our config takes and that are unique, one device for each unit of an endpoint, and
// no cadence below what protects a device. Whatever is changed is noted.

import { type Connection, type Draft, type DraftDevice, type DraftTag, Notes } from './draft.ts'
import { asId, asTagName, MAX_TAG_NAME } from './names.ts'

export interface SettledDevice extends DraftDevice {
  id: string
}

export interface Settled {
  devices: SettledDevice[]
  notes: Draft['notes']
}

// The least that a device's budget allows when nobody says otherwise.
const LEAST_CADENCE_MS = 200
const MOST_CADENCE_MS = 3_600_000
const MOST_NAMED = 5

export function settle(draft: Draft): Settled {
  const notes = new Notes()
  const merged = mergeUnits(
    draft.devices.filter((device) => device.tags.length > 0),
    notes
  )
  const ids = new Set<string>()
  const names = new Set<string>()
  const devices = merged.map((device, i): SettledDevice => {
    const id = unique(asId(device.name) ?? `plc-${i + 1}`, ids, 40)
    const tags = device.tags.map((tag, t) => settleTag(tag, t, id, names, notes))
    tellCadences(id, device.tags, tags, notes)
    tellWritable(id, tags, notes)
    return { ...device, id, tags }
  })
  return { devices, notes: [...draft.notes, ...notes.list] }
}

function mergeUnits(devices: readonly DraftDevice[], notes: Notes): DraftDevice[] {
  const merged = new Map<string, DraftDevice>()
  for (const device of devices) {
    const key = `${endpointOf(device.connection)} ${device.unit}`
    const first = merged.get(key)
    if (first === undefined) {
      merged.set(key, { ...device, tags: [...device.tags] })
      continue
    }
    first.tags.push(...device.tags)
    notes.changed(
      device.name,
      `与 ${first.name} 是同一台设备（${key}），合为一台，只用一条连接`,
      `is the same device as ${first.name} (${key}); made one, with one connection`
    )
  }
  return [...merged.values()]
}

function endpointOf(connection: Connection): string {
  return 'host' in connection ? `${connection.host.toLowerCase()}:${connection.port}` : connection.path
}

function settleTag(tag: DraftTag, index: number, device: string, names: Set<string>, notes: Notes): DraftTag {
  const wanted = asTagName(tag.name) ?? `${device}.tag${index + 1}`
  const name = names.has(wanted) ? unique(`${device}.${wanted}`.slice(0, MAX_TAG_NAME), names, MAX_TAG_NAME) : wanted
  names.add(name)
  const settled = { ...tag, name }
  if (name !== tag.name) {
    const said = tag.name.slice(0, 200)
    notes.changed(said, `测点改名为 ${name}`, `is called ${name} here`)
    if (settled.title === undefined && said.trim() !== '') settled.title = { zh: said, en: said }
  }
  const { cadenceMs } = tag
  if (cadenceMs === undefined) return settled
  return { ...settled, cadenceMs: Math.min(MOST_CADENCE_MS, Math.max(LEAST_CADENCE_MS, Math.round(cadenceMs))) }
}

function unique(wanted: string, taken: Set<string>, most: number): string {
  let name = wanted
  for (let i = 2; taken.has(name); i++) name = `${wanted.slice(0, most - 6)}-${i}`
  taken.add(name)
  return name
}

function tellWritable(device: string, tags: readonly DraftTag[], notes: Notes): void {
  const writable = tags.filter((tag) => tag.writable)
  if (writable.length === 0) return
  notes.changed(
    device,
    `${writable.length} 个测点在原产品中可写，此处只读：${named(writable, '、')}。其中的设定值请加 role: setpoint`,
    `${writable.length} tag(s) could be written there and are only read here: ${named(writable, ', ')}. Give set points role: setpoint`
  )
}

// Before and after lie at the same places.
function tellCadences(device: string, before: readonly DraftTag[], after: readonly DraftTag[], notes: Notes): void {
  const changed = after.flatMap((tag, i) => {
    const was = before[i]?.cadenceMs
    return was === undefined || was === tag.cadenceMs ? [] : [{ tag, was }]
  })
  for (const [was, group] of Map.groupBy(changed, (one) => one.was)) {
    const tags = group.map(({ tag }) => tag)
    const now = tags[0]?.cadenceMs
    notes.changed(
      device,
      `${tags.length} 个测点的周期由 ${was} 毫秒改为 ${now} 毫秒：${named(tags, '、')}`,
      `${tags.length} tag(s) are read each ${now} ms here, not each ${was} ms: ${named(tags, ', ')}`
    )
  }
}

function named(tags: readonly DraftTag[], between: string): string {
  const names = tags.slice(0, MOST_NAMED).map(({ name }) => name)
  return names.join(between) + (tags.length > MOST_NAMED ? ' …' : '')
}
