// `penstock demo`: a simulated waterworks, an agent and a collector in one process; after a minute somebody attacks.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Label } from '#contract/label.ts'
import { type Language, pick } from '#contract/text.ts'
import { readConfig } from '#runtime/config-file.ts'
import { type Part, runParts } from '#runtime/lifecycle.ts'
import { createLog, type Log } from '#runtime/log.ts'
import { Agent } from './agent/agent.ts'
import { AgentConfig } from './agent/config.ts'
import { Collector } from './collector/collector.ts'
import { CollectorConfig } from './collector/config.ts'
import { DemoWatch } from './demo-watch.ts'
import { Scenario } from './simulators/scenario.ts'
import { Simulator } from './simulators/simulator.ts'

export interface DemoOptions {
  version: string
  /** Seconds after which the demo stops by itself. */
  for?: number
  data?: string
  port: number
  attack: string
  attackAfter: number
  language: Language
}

// An alert is promised within this time of the attack's start; a demo that ends later without one has failed.
const ALERT_WITHIN_MS = 30_000
const SITE = 'east-water'
const AGENT = 'edge-1'
const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export async function runDemo(options: DemoOptions): Promise<void> {
  const { language } = options
  const folder = options.data === undefined ? mkdtempSync(join(tmpdir(), 'penstock-demo-')) : resolve(options.data)
  mkdirSync(folder, { recursive: true })
  const log = createLog({ name: 'demo', destination: { file: join(folder, 'penstock.log') } })
  const passwords = { operator: password(), auditor: password(), admin: password() }
  const labels: Label[] = []
  const simulator = await buildSimulator({ log, language, onLabel: (label) => labels.push(label) })
  const agentPassword = join(folder, 'agent-password')
  writeFileSync(agentPassword, password(), { mode: 0o600 })
  const collector = new Collector({
    config: CollectorConfig.parse({
      data: join(folder, 'collector'),
      broker: { mode: 'embedded', port: 0, agents: [{ site: SITE, agent: AGENT, password: { file: agentPassword } }] },
      api: { port: options.port }
    }),
    log,
    language,
    accounts: [
      { name: 'operator', role: 'security-operator', password: passwords.operator },
      { name: 'auditor', role: 'auditor', password: passwords.auditor },
      { name: 'admin', role: 'system-administrator', password: passwords.admin }
    ]
  })
  const agent = agentPart({ folder, log, language, version: options.version, simulator, collector, agentPassword })
  const began = performance.now()
  const running = await runParts({ parts: [simulator, collector, agent], log }).catch((error: unknown) => {
    throw inPlainWords(error, options)
  })
  greet({ url: collector.url, folder, passwords, options })
  const watch = new DemoWatch({ url: collector.url, name: 'operator', password: passwords.operator, language, labels })
  const stopping = new AbortController()
  void running.stopped.then(() => stopping.abort())
  const attack = playAttack({ simulator, options, signal: stopping.signal, log })
  while (!stopping.signal.aborted) {
    await watch.look()
    if (options.for !== undefined && performance.now() - began > options.for * 1000) break
    await sleep(1000, undefined, { signal: stopping.signal }).catch(() => {})
  }
  await watch.look()
  const summary = watch.summary()
  await running.stop('the demo is over')
  await attack
  console.log(summary)
  if (watch.isAlertMissing(ALERT_WITHIN_MS)) process.exitCode = 1
  // Sockets of the page may linger; everything that matters has stopped in order.
  setTimeout(() => process.exit(), 500).unref()
}

async function buildSimulator(o: { log: Log; language: Language; onLabel: (label: Label) => void }): Promise<Simulator> {
  const { config } = await readConfig({ file: beside('simulators/scenarios/demo.yaml'), schema: Scenario, language: o.language })
  const here = { ...config, modbus: { ...config.modbus, host: '127.0.0.1', port: 0 }, timeline: [] }
  return new Simulator({ config: here, log: o.log, onLabel: o.onLabel })
}

interface AgentNeeds {
  folder: string
  log: Log
  language: Language
  version: string
  simulator: Simulator
  collector: Collector
  agentPassword: string
}

// Built at its start, because only then the ports of the others are known.
function agentPart({ folder, log, language, version, simulator, collector, agentPassword }: AgentNeeds): Part {
  let agent: Agent | undefined
  return {
    name: 'agent',
    async start() {
      const { config, hash } = await readConfig({ file: beside('deploy/examples/agent.yaml'), schema: AgentConfig, language })
      const devices = config.devices.map((device) => ({ ...device, host: '127.0.0.1', port: simulator.modbusPort }))
      const broker = {
        ...config.broker,
        url: `mqtt://127.0.0.1:${collector.brokerPort}`,
        tls: undefined,
        username: `${SITE}/${AGENT}`,
        password: { file: agentPassword }
      }
      agent = new Agent({ config: { ...config, devices, metrics: undefined }, hash, log, version, broker, dataDir: folder })
      await agent.start()
    },
    async stop() {
      await agent?.stop()
    }
  }
}

async function playAttack(o: { simulator: Simulator; options: DemoOptions; signal: AbortSignal; log: Log }): Promise<void> {
  const { attack, attackAfter } = o.options
  if (attack === 'none') return
  await sleep(attackAfter * 1000, undefined, { signal: o.signal }).catch(() => {})
  if (o.signal.aborted) return
  await o.simulator.play(attack).catch((err: unknown) => {
    o.log.error({ err, attack }, 'The attack could not be played.')
    console.error(
      pick(
        { zh: `攻击 ${attack} 未能播放，详见日志。`, en: `The attack ${attack} could not be played; the log tells why.` },
        o.options.language
      )
    )
    process.exitCode = 1
  })
}

function greet(o: {
  url: string
  folder: string
  passwords: { operator: string; auditor: string; admin: string }
  options: DemoOptions
}): void {
  const { url, folder, passwords, options } = o
  const say = (zh: string, en: string) => pick({ zh, en }, options.language)
  const attack =
    options.attack === 'none'
      ? say('不播放攻击。', 'No attack will be played.')
      : say(
          `${options.attackAfter} 秒后播放攻击：${options.attack}。`,
          `In ${options.attackAfter} s an attack is played: ${options.attack}.`
        )
  const lines = [
    say('闸哨演示：模拟水厂、采集代理、汇聚中心', 'Penstock demo: simulated waterworks, agent and collector'),
    '',
    `  ${say('网页', 'page     ')}  ${url}`,
    `  ${say('登录', 'sign-in  ')}  operator  ${passwords.operator}  ${say('安全操作员', 'security operator')}`,
    `  ${say('    ', '         ')}  auditor   ${passwords.auditor}  ${say('审计员', 'auditor')}`,
    `  ${say('    ', '         ')}  admin     ${passwords.admin}  ${say('系统管理员', 'system administrator')}`,
    `  ${say('文件', 'files    ')}  ${folder}`,
    '',
    `${attack} ${say('按 Ctrl-C 停止。', 'Ctrl-C stops the demo.')}`
  ]
  console.log(lines.join('\n'))
}

const password = () => randomBytes(9).toString('base64url')

function inPlainWords(error: unknown, { port, language }: DemoOptions): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) return error
  const zh = `端口 ${port} 已被占用，请用 --port 另选一个（0 表示任选空闲端口）。`
  const en = `Port ${port} is in use; choose another with --port (0 takes a free one).`
  return new Error(pick({ zh, en }, language), { cause: error })
}
