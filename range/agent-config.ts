// The agent config that a utility would write for a PLC of the simulators, held to the agent's own schema, so that a map which it
// cannot read is a fault and no surprise.
import type { Language } from '#contract/language.ts'
import { ConfigFault, readConfigText } from '#runtime/config-file.ts'
import { AgentConfig } from '../agent/config.ts'
import { type AgentYamlOptions, agentYaml, PACES } from '../simulators/agent-yaml.ts'

export interface WrittenConfig {
  yaml: string
  config: AgentConfig
}

export function agentConfigOf(options: AgentYamlOptions, language: Language = 'en'): WrittenConfig {
  // The first pace that the budget of a PLC bears.
  const [quickest, ...slower] = PACES.map((pace) => () => read(agentYaml(options, pace), language))
  if (quickest === undefined) throw new RangeError('no pace')
  return slower.reduce((attempt, next) => () => withinBudget(attempt) ?? next(), quickest)()
}

function read(yaml: string, language: Language): WrittenConfig {
  const { config } = readConfigText({ file: 'agent.yaml', text: Buffer.from(yaml), schema: AgentConfig, language })
  return { yaml, config }
}

// Undefined when nothing but the budget is wrong with it.
function withinBudget(attempt: () => WrittenConfig): WrittenConfig | undefined {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof ConfigFault && error.faults.every(({ path }) => path.includes('.budget.'))) return undefined
    throw error
  }
}
