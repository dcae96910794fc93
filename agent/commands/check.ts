// `penstock agent check`: the config and the files it names, without starting anything or touching a device.
import { type Language, pick } from '#contract/language.ts'
import { readAccess, warningsOf } from '#runtime/broker-config.ts'
import type { Outcome } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../config.ts'
import { describePlan } from '../plan-text.ts'

/** Rejects with ConfigFault. */
export async function check({ file, language }: { file: string; language: Language }): Promise<Outcome> {
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  const warnings = (await warningsOf(readAccess(config.broker))).map((text) => pick(text, language))
  const tags = config.devices.reduce((sum, device) => sum + device.tags.length, 0)
  const data = { ok: true, agent: config.agent, site: config.site.id, devices: config.devices.length, tags, warnings }
  return { text: [describePlan(config, language), ...warnings].join('\n'), data, trouble: false }
}
