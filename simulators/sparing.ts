// How those who rightly ask a PLC spare it: together agent and operator ask no more than it can answer.
import { mapOf } from './maps.ts'
import { stretchesOf } from './plc/modbus-desk.ts'
import type { Scenario } from './scenario.ts'

/** Requests per second, which an agent's config has by default. */
export const AGENTS_OWN_BUDGET = 5

/** What the config of an agent must say of the PLC; a budget only where its own would be too much. */
export function agentManners({ modbus }: Pick<Scenario, 'modbus'>) {
  const { unit, framing, maxRequestsPerSecond: limit } = modbus
  const budget = limit === undefined ? AGENTS_OWN_BUDGET : Math.max(1, Math.floor(limit / 2))
  return { unit, framing, ...(budget < AGENTS_OWN_BUDGET ? { budget } : {}) }
}

/** Rightful people leave a slow PLC half of what it can answer. */
export function patient(scenario: Scenario): Scenario {
  const { modbus, operator, plant, speed } = scenario
  if (modbus.maxRequestsPerSecond === undefined) return scenario
  const seconds = Math.ceil((stretchesOf(mapOf(plant)).length * 2 * Math.max(1, speed)) / modbus.maxRequestsPerSecond)
  return { ...scenario, operator: { ...operator, everySeconds: Math.min(3600, Math.max(operator.everySeconds, seconds)) } }
}
