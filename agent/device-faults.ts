// What a schema of single fields cannot see: names used twice, forbidden addresses, and a plan above a device's budget. Pure.
import type { DeviceConfig } from './config.ts'
import type { Defaults } from './modbus/config.ts'
import { faultsOfLines, faultsOfModbus } from './modbus/faults.ts'
import { endpointOf, transportOf } from './modbus/transport.ts'
import { faultsOfOpcUa } from './opcua/faults.ts'
import { planOf } from './resolve.ts'

export interface PlacedFault {
  path: (string | number)[]
  zh: string
  en: string
}

// What a birth message may list.
const MOST_TAGS = 100_000

/** Devices that cannot be read are undefined in their place. */
export function faultsOfDevices(config: { devices: readonly (DeviceConfig | undefined)[]; defaults: Defaults }): PlacedFault[] {
  const { devices, defaults } = config
  const names = devices.map((device) => (device === undefined ? [] : namesOf(device, defaults)))
  const tags = names.reduce((sum, { length }) => sum + length, 0)
  const tooMany = {
    path: ['devices'],
    zh: `共 ${tags} 个测点，一个采集代理最多 ${MOST_TAGS} 个`,
    en: `${tags} tags in all; one agent reads at most ${MOST_TAGS}`
  }
  return [
    ...(tags > MOST_TAGS ? [tooMany] : []),
    ...repeatedNames(devices, names),
    ...faultsOfLines(
      devices.map((device) => (device?.protocol === 'opcua' ? undefined : device)),
      defaults
    ),
    ...devices.flatMap((device, i) => (device === undefined ? [] : faultsOfDevice(device, defaults, ['devices', i])))
  ]
}

interface NamedTag {
  name: string
  /** Where the name comes from. */
  path: (string | number)[]
}

function namesOf(device: DeviceConfig, defaults: Defaults): NamedTag[] {
  const plan = planOf(device, defaults)
  if (plan.family === 'opcua') return plan.config.tags.map(({ name }, t) => ({ name, path: ['tags', t, 'name'] }))
  return plan.resolved.tags.map(({ tag, own }) => ({ name: tag.name, path: own === undefined ? ['profile'] : ['tags', own, 'name'] }))
}

function repeatedNames(devices: readonly (DeviceConfig | undefined)[], names: readonly (readonly NamedTag[])[]): PlacedFault[] {
  const faults: PlacedFault[] = []
  const seen = new Map<string, string>()
  const once = (key: string, where: string, path: (string | number)[], zh: string, en: string) => {
    const before = seen.get(key)
    if (before === undefined) seen.set(key, where)
    else faults.push({ path, zh: `${zh}（已用于 ${before}）`, en: `${en} (${before} has it)` })
  }
  devices.forEach((device, d) => {
    if (device === undefined) return
    once(`device ${device.id}`, `devices.${d}`, ['devices', d, 'id'], `设备标识 ${device.id} 重复`, `device id ${device.id} is used twice`)
    if (device.protocol === 'opcua') {
      const { endpoint } = device
      once(endpoint, `devices.${d}`, ['devices', d, 'endpoint'], `${endpoint} 被读取两次`, `${endpoint} is read twice`)
    } else {
      const { unit } = device
      const endpoint = endpointOf(transportOf(device))
      once(
        `unit ${endpoint} ${unit}`,
        `devices.${d}`,
        ['devices', d, 'unit'],
        `${endpoint} 单元 ${unit} 被读取两次`,
        `unit ${unit} at ${endpoint} is read twice`
      )
    }
    for (const { name, path } of names[d] ?? []) {
      const where = ['devices', d, ...path.slice(0, 2)]
      once(`tag ${name}`, where.join('.'), ['devices', d, ...path], `测点名 ${name} 重复`, `tag name ${name} is used twice`)
    }
  })
  return faults
}

function faultsOfDevice(config: DeviceConfig, defaults: Defaults, path: (string | number)[]): PlacedFault[] {
  return config.protocol === 'opcua' ? faultsOfOpcUa(config, defaults, path) : faultsOfModbus(config, defaults, path)
}
