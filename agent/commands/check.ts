// `penstock agent check`: the config and the files it names, without starting anything or touching a device.
import { type Language, pick } from '#contract/language.ts'
import { readAccess, warningsOf } from '#runtime/broker-config.ts'
import type { Outcome } from '#runtime/command-line.ts'
import { readConfig } from '#runtime/config-file.ts'
import { AgentConfig } from '../config.ts'
import { planOf } from '../plan.ts'
import { describePlan } from '../plan-text.ts'
import { checkSigningKey, signingKeyFile } from '../signing-key.ts'

/** Rejects with ConfigFault. */
export async function check({ file, language }: { file: string; language: Language }): Promise<Outcome> {
  const { config } = await readConfig({ file, language, schema: AgentConfig })
  const key = signingKeyFile({ key: config.key, outbox: config.outbox.file })
  const texts = await warningsOf(readAccess(config.broker), Promise.try(checkSigningKey, { file: key }))
  const warnings = texts.map((text) => pick(text, language))
  const { tags } = planOf(config)
  // Leaves the compiled code of the whole agent behind, so that a start after a check takes 30 MB less (bench/agent-polling.ts).
  await import('../main.ts')
  const data = { ok: true, agent: config.agent, site: config.site.id, devices: config.devices.length, tags, warnings }
  return { text: [describePlan(config, language), ...warnings].join('\n'), data, trouble: false }
}
