// The plan of an agent in words: every request it will ever send, before it touches a device.
import { type Language, pick } from '#contract/text.ts'
import type { AgentConfig } from './config.ts'
import type { PlannedRead } from './modbus/read-plan.ts'
import { type ResolvedDevice, resolveDevice } from './modbus/resolve.ts'
import { endpointOf, transportOf } from './modbus/transport.ts'
import { opcUaPlanLines } from './opcua/plan-lines.ts'
import { resolveOpcUa } from './opcua/resolve.ts'

export function describePlan(config: AgentConfig, language: Language): string {
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const tags = config.devices.reduce((sum, device) => sum + device.tags.length, 0)
  const head = say(
    `配置无误：采集代理 ${config.agent}，站点 ${config.site.id}，设备 ${config.devices.length} 台，测点 ${tags} 个`,
    `ok: agent ${config.agent} of site ${config.site.id}, ${config.devices.length} device(s), ${tags} tags`
  )
  const devices = config.devices.flatMap((device) => {
    if (device.protocol === 'opcua') return opcUaPlanLines(device, resolveOpcUa(device, config.defaults), language)
    const resolved = resolveDevice(device, config.defaults)
    const { requestsPerSecond: budget } = device.budget
    const rate = resolved.requestsPerSecond
    const share = Math.round((100 * rate) / budget)
    return [
      `${device.id}  ${endpointOf(transportOf(device))}  ${say('单元', 'unit')} ${device.unit}`,
      ...requestLines(resolved, say),
      say(
        `  合计每秒 ${rate.toFixed(2)} 次请求，占预算 ${budget} 次的 ${share}%`,
        `  ${rate.toFixed(2)} requests a second, ${share}% of the budget of ${budget}`
      )
    ]
  })
  return [head, ...devices].join('\n')
}

function requestLines({ groups, tags }: ResolvedDevice, say: (zh: string, en: string) => string): string[] {
  return [...groups].flatMap(([cadence, reads]) =>
    reads.map((read) => {
      const unused = read.count - covered(read)
      const names = read.spans.map((span) => tags[span.tag]?.tag.name ?? '')
      const listed = names.length > 4 ? `${names.slice(0, 3).join(', ')} … ${names.at(-1)}` : names.join(', ')
      return say(
        `  每 ${cadence} 毫秒  ${read.table} ${read.address}..${read.address + read.count - 1}  共 ${read.count} 个（空闲 ${unused} 个）  测点 ${names.length} 个：${listed}`,
        `  each ${cadence} ms  ${read.table} ${read.address}..${read.address + read.count - 1}  ${read.count} in all (${unused} unused)  ${names.length} tag(s): ${listed}`
      )
    })
  )
}

function covered({ spans }: PlannedRead): number {
  let end = 0
  let sum = 0
  for (const span of spans) {
    sum += Math.max(0, span.address + span.count - Math.max(end, span.address))
    end = Math.max(end, span.address + span.count)
  }
  return sum
}
