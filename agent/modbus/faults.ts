// What a schema of single fields cannot see of Modbus devices: addresses that must not be read, plans above a budget, lines that
// are too slow for what is asked over them. Pure.
import { sustained } from '../budget.ts'
import type { PlacedFault } from '../device-faults.ts'
import { isTagName } from '../profiles.ts'
import type { Defaults, ModbusDevice } from './config.ts'
import { isBitTable, touches } from './read-plan.ts'
import { type ResolvedDevice, type ResolvedTag, resolveDevice } from './resolve.ts'
import { endpointOf, transportOf } from './transport.ts'
import { expectedMs } from './wire-cost.ts'

type Path = (string | number)[]

// A tenth of a per cent more is still the same: 3 requests each 600 ms are 5.000000000000001 a second.
const EXACTLY = 1.001

export function faultsOfModbus(config: ModbusDevice, defaults: Defaults, path: Path): PlacedFault[] {
  const resolved = resolveDevice(config, defaults)
  const fault = (key: Path, zh: string, en: string): PlacedFault => ({ path: [...path, ...key], zh, en })
  if (resolved.tags.length === 0) return [fault(['tags'], '没有测点，也没有 profile', 'has no tags, and no profile')]
  const wrongName = config.profile === undefined ? undefined : resolved.tags.find(({ tag }) => !isTagName(tag.name))
  return [
    ...(wrongName === undefined
      ? []
      : [
          fault(
            ['profile'],
            `测点名 ${wrongName.tag.name} 不合规，请给出 prefix`,
            `${wrongName.tag.name} is no tag name; give another prefix`
          )
        ]),
    ...resolved.tags.flatMap((tag) => faultsOfTag(config, resolved, tag, path)),
    ...requestsAbove(config, resolved, fault),
    ...registersAbove(config, resolved, fault)
  ]
}

type MakeFault = (key: Path, zh: string, en: string) => PlacedFault

function requestsAbove({ id, budget }: ModbusDevice, { requestsPerSecond: rate }: ResolvedDevice, fault: MakeFault): PlacedFault[] {
  const { requestsPerSecond: most } = budget
  if (rate <= sustained(most) * EXACTLY) return []
  const needs = rate.toFixed(2)
  const over = (rate - sustained(most)).toFixed(2)
  return [
    fault(
      ['budget', 'requestsPerSecond'],
      `设备 ${id} 的读取计划需每秒 ${needs} 次请求，超出预算 ${most} 达 ${over} 次；请放慢周期、合并地址或提高预算`,
      `the plan of device ${id} needs ${needs} requests a second, ${over} more than its budget of ${most}; read more slowly, move addresses together or raise the budget`
    )
  ]
}

function registersAbove({ id, budget }: ModbusDevice, { registersPerSecond: rate }: ResolvedDevice, fault: MakeFault): PlacedFault[] {
  const { registersPerSecond: most } = budget
  if (rate <= most * EXACTLY) return []
  return [
    fault(
      ['budget', 'registersPerSecond'],
      `设备 ${id} 的读取计划需每秒 ${rate.toFixed(1)} 个寄存器，超出预算 ${most} 个；请放慢周期、减小 maxGap 或提高预算`,
      `the plan of device ${id} needs ${rate.toFixed(1)} registers a second, more than its budget of ${most}; read more slowly, lower maxGap or raise the budget`
    )
  ]
}

/** Lines of a known speed that cannot carry what their devices are asked. */
export function faultsOfLines(devices: readonly (ModbusDevice | undefined)[], defaults: Defaults): PlacedFault[] {
  const present = devices.flatMap((config, i) => (config === undefined ? [] : [{ config, i }]))
  return [...Map.groupBy(present, ({ config }) => endpointOf(transportOf(config)))].flatMap(([endpoint, sharing]): PlacedFault[] => {
    const [first] = sharing
    if (first === undefined || transportOf(first.config).over !== 'serial') return []
    const busy = sharing.reduce((sum, { config }) => sum + lineShare(config, resolveDevice(config, defaults)), 0)
    if (busy <= 1) return []
    const percent = Math.round(100 * busy)
    return [
      {
        path: ['devices', first.i, 'line'],
        zh: `${endpoint} 上的读取计划需占线 ${percent}%；请放慢周期、提高波特率或分到多条线路`,
        en: `the plans on ${endpoint} need ${percent}% of the line; read more slowly, raise the baud rate or use more lines`
      }
    ]
  })
}

/** The share of the time that the line is expected to be busy with one device, the pauses after its answers included. */
export function lineShare(config: ModbusDevice, { groups, minGapMs }: ResolvedDevice): number {
  const transport = transportOf(config)
  const busyMs = (reads: readonly Parameters<typeof expectedMs>[1][]) =>
    reads.reduce((sum, read) => sum + expectedMs(transport, read) + minGapMs, 0)
  return [...groups].reduce((sum, [cadence, reads]) => sum + busyMs(reads) / cadence, 0)
}

function faultsOfTag(config: ModbusDevice, { limits }: ResolvedDevice, { tag, span, own }: ResolvedTag, path: Path): PlacedFault[] {
  const faults: PlacedFault[] = []
  const written = own === undefined ? undefined : config.tags[own]
  const place = (key: string): Path => (own === undefined ? [...path, 'profile'] : [...path, 'tags', own, key])
  const fault = (key: string, zh: string, en: string) => void faults.push({ path: place(key), zh, en })
  const at = written?.at === undefined ? 'address' : 'at'
  const most = isBitTable(span.table) ? limits.maxBitsPerRead : limits.maxRegistersPerRead
  if (span.address < 0) fault(at, `${tag.name} 的地址须从 1 起`, `the address of ${tag.name} must be 1 or more, because addressBase is 1`)
  if (span.address + span.count > 0x10000) fault(at, `${tag.name} 超出地址 65535`, `${tag.name} goes beyond address 65535`)
  if (span.count > most)
    fault(
      at,
      `${tag.name} 占 ${span.count} 个地址，一次最多读 ${most} 个`,
      `${tag.name} takes ${span.count} addresses; one request reads at most ${most}`
    )
  for (const range of limits.forbidden)
    if (touches(span, range))
      fault(
        at,
        `${tag.name} 位于禁读地址 ${range.from}..${range.to}`,
        `${tag.name} lies in the forbidden addresses ${range.from}..${range.to}`
      )
  const { minCadenceMs } = config.budget
  if (tag.cadenceMs < minCadenceMs)
    fault(
      written?.cadenceMs === undefined ? 'name' : 'cadenceMs',
      `${tag.name} 的周期 ${tag.cadenceMs} 毫秒短于设备允许的 ${minCadenceMs} 毫秒`,
      `${tag.name} is read each ${tag.cadenceMs} ms; the device allows ${minCadenceMs} ms`
    )
  return faults
}
