// Which devices and tags of a config a command is about, and how fast they are read for a person who waits.
import { UsageFault } from '#runtime/command-line.ts'
import type { AgentConfig, DeviceConfig } from '../config.ts'
import { resolveDevice } from '../modbus/resolve.ts'
import { isModbus } from '../resolve.ts'
import { writtenOut } from './written-out.ts'

export interface Choice {
  devices?: readonly string[] | undefined
  tags?: readonly string[] | undefined
}

/** The config with those devices and tags only; rejects what is not there, because a typing error must not read nothing in silence. */
export function chosen(config: AgentConfig, { devices, tags }: Choice): AgentConfig {
  const unknown = devices?.find((id) => !config.devices.some((device) => device.id === id))
  if (unknown !== undefined) {
    const there = config.devices.map(({ id }) => id).join(', ')
    throw new UsageFault(`配置中没有设备 ${unknown}，现有：${there}`, `the configuration has no device ${unknown}, but ${there}`)
  }
  const patterns = tags?.map(patternOf)
  const wanted = (name: string) => patterns === undefined || patterns.some((pattern) => pattern.test(name))
  const left = config.devices
    .filter(({ id }) => devices === undefined || devices.includes(id))
    .map((device) => withTags(isModbus(device) ? writtenOut(device, config.defaults) : device, wanted))
    .filter((device) => device.tags.length > 0)
  if (left.length === 0) throw new UsageFault('没有与条件相符的测点', 'no tag fits what was asked for')
  return { ...config, devices: left }
}

// Told apart by protocol, because the tags of each are of its own kind.
function withTags(device: DeviceConfig, wanted: (name: string) => boolean): DeviceConfig {
  return isModbus(device)
    ? { ...device, tags: device.tags.filter(({ name }) => wanted(name)) }
    : { ...device, tags: device.tags.filter(({ name }) => wanted(name)) }
}

function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

/** Every tag at one cadence that the budget of its device can bear, so that one cycle reads all of them. */
export function atOneCadence(config: AgentConfig, atLeastMs = 1000): AgentConfig {
  const devices = config.devices.map((device): DeviceConfig => {
    if (!isModbus(device)) return device
    const even = { ...device, tags: device.tags.map((tag) => ({ ...tag, cadenceMs: 3_600_000 })) }
    const requests = [...resolveDevice(even, config.defaults).groups.values()].reduce((sum, reads) => sum + reads.length, 0)
    const { requestsPerSecond, minCadenceMs } = device.budget
    const cadenceMs = Math.min(3_600_000, Math.max(atLeastMs, minCadenceMs, Math.ceil((1000 * requests) / requestsPerSecond)))
    return { ...device, tags: device.tags.map((tag) => ({ ...tag, cadenceMs })) }
  })
  return { ...config, devices }
}
