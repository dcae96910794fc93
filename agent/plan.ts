// The plan of an agent as plain objects: everything it will ever ask, before it touches a device.
import type { Text } from '#contract/text.ts'
import type { AgentConfig } from './config.ts'
import { type LinePlan, linesOf, type ModbusDevicePlan, planOfModbus } from './modbus/plan.ts'
import { warningsOf } from './opcua/plan-lines.ts'
import { planOf as resolvedOf } from './resolve.ts'

export interface OpcUaDevicePlan {
  protocol: 'opcua'
  id: string
  endpoint: string
  read: 'subscribe' | 'poll'
  tags: string[]
  requestsPerSecond: number
  budget: { requestsPerSecond: number }
  requestShare: number
  warnings: Text[]
}

export interface AgentPlan {
  agent: string
  site: string
  tags: number
  devices: (ModbusDevicePlan | OpcUaDevicePlan)[]
  /** The connections and serial lines of the Modbus devices. */
  lines: LinePlan[]
}

export function planOf(config: AgentConfig): AgentPlan {
  let tags = 0
  const devices = config.devices.map((device): ModbusDevicePlan | OpcUaDevicePlan => {
    const plan = resolvedOf(device, config.defaults)
    tags += plan.resolved.tags.length
    if (plan.family === 'modbus') return planOfModbus(plan.config, plan.resolved)
    const { id, endpoint, read, budget } = plan.config
    const { requestsPerSecond } = plan.resolved
    return {
      protocol: 'opcua',
      id,
      endpoint,
      read,
      tags: plan.resolved.tags.map(({ tag }) => tag.name),
      requestsPerSecond,
      budget: { requestsPerSecond: budget.requestsPerSecond },
      requestShare: requestsPerSecond / budget.requestsPerSecond,
      warnings: warningsOf(plan.config)
    }
  })
  return { agent: config.agent, site: config.site.id, tags, devices, lines: linesOf(devices.filter((one) => one.protocol !== 'opcua')) }
}
