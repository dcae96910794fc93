// How those who rightly ask a PLC spare it: together agent and operator ask no more than it can answer.
import type { Scenario } from './scenario.ts'

/** Requests per second, which an agent's config has by default. */
export const AGENTS_OWN_BUDGET = 5

type Limits = Pick<Scenario, 'modbus'>

/** What the config of an agent must say of the PLC; a budget only where its own would be too much. */
export function agentManners(scenario: Limits) {
  const { unit, framing } = scenario.modbus
  const half = halfOf(scenario)
  return { unit, framing, ...(half !== undefined && half < AGENTS_OWN_BUDGET ? { budget: half } : {}) }
}

/** How many requests its people send a PLC at once, no more than once a second; nothing where they need not spare it. */
export const peoplesShare = (scenario: Limits): { atOnce?: number } => {
  const half = halfOf(scenario)
  return half === undefined ? {} : { atOnce: half }
}

const halfOf = ({ modbus: { maxRequestsPerSecond: limit } }: Limits): number | undefined =>
  limit === undefined ? undefined : Math.max(1, Math.floor(limit / 2))
