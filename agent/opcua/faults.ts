// What a schema of single fields cannot see of an OPC UA device: a plan above its budget, a cadence that is too short. Pure.
import type { OpcUaDevice } from './config.ts'
import { resolveOpcUa, type TagPace } from './resolve.ts'

interface PlacedFault {
  path: (string | number)[]
  zh: string
  en: string
}

export function faultsOfOpcUa(config: OpcUaDevice, defaults: TagPace, path: (string | number)[]): PlacedFault[] {
  const { tags, requestsPerSecond } = resolveOpcUa(config, defaults)
  const { requestsPerSecond: budget, minCadenceMs } = config.budget
  const faults: PlacedFault[] = tags.flatMap(({ tag }, t) =>
    tag.cadenceMs >= minCadenceMs
      ? []
      : [
          {
            path: [...path, 'tags', t, config.tags[t]?.cadenceMs === undefined ? 'name' : 'cadenceMs'],
            zh: `${tag.name} 的周期 ${tag.cadenceMs} 毫秒短于设备允许的 ${minCadenceMs} 毫秒`,
            en: `${tag.name} is read each ${tag.cadenceMs} ms; the device allows ${minCadenceMs} ms`
          }
        ]
  )
  if (requestsPerSecond > budget * 1.001) {
    const needs = requestsPerSecond.toFixed(2)
    faults.push({
      path: [...path, 'budget', 'requestsPerSecond'],
      zh: `设备 ${config.id} 需每秒 ${needs} 次请求，超出预算 ${budget} 次；请放慢周期、加长发布间隔或提高预算`,
      en: `device ${config.id} needs ${needs} requests a second, more than its budget of ${budget}; read or publish more slowly, or raise the budget`
    })
  }
  const { lifetimeMs, keepAliveMs } = config.subscription
  // OPC 10000-4, 5.14.2.2: the lifetime is at least three times the keep-alive time.
  if (config.read === 'subscribe' && lifetimeMs < 3 * keepAliveMs)
    faults.push({
      path: [...path, 'subscription', 'lifetimeMs'],
      zh: 'lifetimeMs 不得小于 keepAliveMs 的三倍',
      en: 'lifetimeMs must be at least three times keepAliveMs'
    })
  return faults
}
