// What a schema of single fields cannot see: names used twice, forbidden addresses, and a plan above a device's budget. Pure.
import type { DeviceConfig } from './config.ts'
import type { Defaults, ModbusDevice } from './modbus/config.ts'
import { isBitTable, touches } from './modbus/read-plan.ts'
import { type ResolvedTag, resolveDevice } from './modbus/resolve.ts'
import { endpointOf, transportOf } from './modbus/transport.ts'
import { faultsOfOpcUa } from './opcua/faults.ts'

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
  const tags = devices.reduce((sum, device) => sum + (device?.tags.length ?? 0), 0)
  const tooMany = {
    path: ['devices'],
    zh: `共 ${tags} 个测点，一个采集代理最多 ${MOST_TAGS} 个`,
    en: `${tags} tags in all; one agent reads at most ${MOST_TAGS}`
  }
  return [
    ...(tags > MOST_TAGS ? [tooMany] : []),
    ...repeatedNames(devices),
    ...devices.flatMap((device, i) => (device === undefined ? [] : faultsOfDevice(device, defaults, ['devices', i])))
  ]
}

function repeatedNames(devices: readonly (DeviceConfig | undefined)[]): PlacedFault[] {
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
    device.tags.forEach((tag, t) => {
      const path = ['devices', d, 'tags', t, 'name']
      once(`tag ${tag.name}`, `devices.${d}.tags.${t}`, path, `测点名 ${tag.name} 重复`, `tag name ${tag.name} is used twice`)
    })
  })
  return faults
}

function faultsOfDevice(config: DeviceConfig, defaults: Defaults, path: (string | number)[]): PlacedFault[] {
  if (config.protocol === 'opcua') return faultsOfOpcUa(config, defaults, path)
  const { tags, requestsPerSecond } = resolveDevice(config, defaults)
  const faults = tags.flatMap((tag, t) => faultsOfTag(config, tag, [...path, 'tags', t]))
  const { requestsPerSecond: budget } = config.budget
  // A tenth of a per cent, because 3 requests each 600 ms are 5.000000000000001 a second.
  if (requestsPerSecond <= budget * 1.001) return faults
  const needs = requestsPerSecond.toFixed(2)
  const over = (requestsPerSecond - budget).toFixed(2)
  faults.push({
    path: [...path, 'budget', 'requestsPerSecond'],
    zh: `设备 ${config.id} 的读取计划需每秒 ${needs} 次请求，超出预算 ${budget} 达 ${over} 次；请放慢周期、合并地址或提高预算`,
    en: `the plan of device ${config.id} needs ${needs} requests a second, ${over} more than its budget of ${budget}; read more slowly, move addresses together or raise the budget`
  })
  return faults
}

function faultsOfTag(config: ModbusDevice, { tag, span }: ResolvedTag, path: (string | number)[]): PlacedFault[] {
  const faults: PlacedFault[] = []
  const place = [...path, config.tags[span.tag]?.at === undefined ? 'address' : 'at']
  const most = isBitTable(span.table) ? config.maxBitsPerRead : config.maxRegistersPerRead
  if (span.address + span.count > 0x10000)
    faults.push({ path: place, zh: `${tag.name} 超出地址 65535`, en: `${tag.name} goes beyond address 65535` })
  if (span.count > most)
    faults.push({
      path: place,
      zh: `${tag.name} 占 ${span.count} 个地址，一次最多读 ${most} 个`,
      en: `${tag.name} takes ${span.count} addresses; one request reads at most ${most}`
    })
  for (const range of config.forbidden)
    if (touches(span, range))
      faults.push({
        path: place,
        zh: `${tag.name} 位于禁读地址 ${range.from}..${range.to}`,
        en: `${tag.name} lies in the forbidden addresses ${range.from}..${range.to}`
      })
  const { minCadenceMs } = config.budget
  if (tag.cadenceMs < minCadenceMs)
    faults.push({
      path: config.tags[span.tag]?.cadenceMs === undefined ? [...path, 'name'] : [...path, 'cadenceMs'],
      zh: `${tag.name} 的周期 ${tag.cadenceMs} 毫秒短于设备允许的 ${minCadenceMs} 毫秒`,
      en: `${tag.name} is read each ${tag.cadenceMs} ms; the device allows ${minCadenceMs} ms`
    })
  return faults
}
