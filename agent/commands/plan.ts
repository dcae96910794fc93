// `penstock agent plan`: everything that will ever be asked of each device, before one is touched.
import type { Language } from '#contract/language.ts'
import type { Outcome } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../config.ts'
import { planOf } from '../plan.ts'
import { describePlan } from '../plan-text.ts'

/** Rejects with ConfigFault, also when a plan is above the budget of its device. */
export async function plan({ file, language }: { file: string; language: Language }): Promise<Outcome> {
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  return { text: describePlan(config, language), data: planOf(config), trouble: false }
}
