// The process of a collector: reads its config, starts it, prints the first sign-in once, and stops on a signal.
import { type Language, pick } from '#contract/text.ts'
import { readAccess, warningsOf } from '#runtime/broker-config.ts'
import { readConfig, readSecret } from '#runtime/config-file.ts'
import { runParts } from '#runtime/lifecycle.ts'
import { createLog } from '#runtime/log.ts'
import { readAgentList } from './agent-list.ts'
import { Collector } from './collector.ts'
import { CollectorConfig } from './config.ts'
import { readListedKeys } from './listed-keys.ts'
import { readPacks, SHIPPED_PACKS } from './packs.ts'

export async function runCollector({ file, language }: { file: string; language: Language }): Promise<void> {
  const { config, hash } = await readConfig({ file, schema: CollectorConfig, language })
  const spoken = config.language ?? language
  // Faults of the packs are told before anything is opened.
  const packs = await readPacks({ folders: [SHIPPED_PACKS, ...config.packs], language: spoken })
  const log = createLog({ name: 'collector', level: config.logLevel })
  const collector = new Collector({ config, hash, log, language: spoken, packs })
  const running = await runParts({ parts: [collector], log })
  const first = collector.firstAccount
  if (first !== null) console.log(firstSignIn({ ...first, url: collector.url, language: spoken }))
  await running.stopped
}

/** Gives a sentence for the person who asked; throws ConfigFault with every fault. */
export async function checkCollector({ file, language }: { file: string; language: Language }): Promise<string> {
  const { config } = await readConfig({ file, schema: CollectorConfig, language })
  const packs = await readPacks({ folders: [SHIPPED_PACKS, ...config.packs], language })
  const checks = packs.reduce((sum, pack) => sum + pack.checks.length, 0)
  const en = `${file} is in order: broker ${config.broker.mode}, store ${config.store.kind}, ${packs.length} packs with ${checks} checks.`
  const zh = `${file} 配置正确：MQTT 代理 ${config.broker.mode}，时序库 ${config.store.kind}，规则包 ${packs.length} 个，检查项 ${checks} 个。`
  const { broker, store } = config
  const secrets: Promise<unknown>[] =
    broker.mode === 'external' ? [readAccess(broker)] : broker.agents.map(({ password }) => readSecret(password))
  if (broker.mode === 'embedded' && broker.list !== undefined) secrets.push(readAgentList(broker.list))
  secrets.push(readListedKeys(config.agents))
  if (store.kind === 'influx' && store.password !== undefined) secrets.push(readSecret(store.password))
  return [{ zh, en }, ...(await warningsOf(...secrets))].map((text) => pick(text, language)).join('\n')
}

function firstSignIn({ name, password, url, language }: { name: string; password: string; url: string; language: Language }): string {
  const en = `First sign-in at ${url}: name ${name}, password ${password}. It must be changed there; a restart before that makes a new one.`
  const zh = `首次登录 ${url}：账号 ${name}，口令 ${password}。登录后须修改；修改前重启将生成新口令。`
  return pick({ zh, en }, language)
}
