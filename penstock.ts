// The one command. Each part brings its own commands, and is loaded only when it is asked for: an agent loads no collector.
import { existsSync, readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { LANGUAGES, type Language } from '#contract/language.ts'
import { dress, EXIT, print, sayIn, type TreeContext } from '#runtime/command-line.ts'
import { languageAsked, languageOf } from '#runtime/language.ts'

interface Part {
  name: string
  /** A package of the agent alone has no collector: what is not there is not offered. */
  file: string
  zh: string
  en: string
  add: () => Promise<(part: Command, context: TreeContext) => void>
}

const PARTS: readonly Part[] = [
  {
    name: 'agent',
    file: 'agent/commands/tree.ts',
    zh: '采集代理：读取 PLC 并经 MQTT 发布，从不写入',
    en: 'the agent: reads PLCs and publishes over MQTT, never writes',
    add: async () => (await import('./agent/commands/tree.ts')).addAgentCommands
  },
  {
    name: 'collector',
    file: 'collector/commands.ts',
    zh: '汇聚中心：存储、研判、告警',
    en: 'the collector: stores, judges, raises alerts',
    add: async () => (await import('./collector/commands.ts')).addCollectorCommands
  },
  {
    name: 'simulate',
    file: 'simulators/commands.ts',
    zh: '模拟器：供水、供热、供气厂站及其 PLC、值班操作与带标注的攻击',
    en: 'the simulator: plants of water, heat and gas with PLC, operator and labelled attacks',
    add: async () => (await import('./simulators/commands.ts')).addSimulatorCommands
  },
  {
    name: 'pki',
    file: 'pki/main.ts',
    zh: '站点证书机构：签发、更换、作废证书，写出访问控制文件',
    en: 'the authority of a site: issues, rotates and revokes certificates, writes access lists',
    add: async () => (await import('./pki/main.ts')).addPkiCommands
  },
  {
    name: 'range',
    file: 'range/commands.ts',
    zh: '靶场：播放带标注的场景，对照标注为告警评分',
    en: 'the range: plays labelled scenarios and scores the alerts against the labels',
    add: async () => (await import('./range/commands.ts')).addRangeCommands
  },
  {
    name: 'demo',
    file: 'demo.ts',
    zh: '在一个进程中运行全部：模拟水厂、采集代理、汇聚中心和网页',
    en: 'all in one process: simulated water plant, agent, collector and page',
    add: async () => (await import('./demo-command.ts')).addDemoOptions
  }
]

/** The whole command, with the commands of those parts that `wanted` names; the others have their names only. */
export async function buildProgram(language: Language, wanted: (part: string) => boolean = () => true): Promise<Command> {
  const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }
  const say = sayIn(language)
  const program = dress(new Command('penstock'), language)
    .description(
      say(
        '闸哨：守望供水、供热、供气工控系统，只读不写。',
        'Penstock: a read-only watch over the control systems of water, heat and gas utilities.'
      )
    )
    .version(version, '-V, --version', say('显示版本', 'print the version'))
    .addOption(new Option('--language <language>', say('界面语言', 'language of texts')).choices(LANGUAGES))
  for (const { name, file, zh, en, add } of PARTS) {
    if (!existsSync(new URL(file, import.meta.url))) continue
    const part = program.command(name).description(say(zh, en))
    if (wanted(name)) (await add())(part, { language, say, version })
  }
  return program
}

export async function main(argv: readonly string[] = process.argv): Promise<void> {
  const language = languageAsked(argv) ?? languageOf()
  const words = argv.slice(2)
  // A completion knows every part.
  const wanted = (part: string) => words.includes(part) || words.includes('completion')
  try {
    await (await buildProgram(language, wanted)).parseAsync(argv)
  } catch (error) {
    await tell(error, language)
  }
}

async function tell(error: unknown, language: Language): Promise<void> {
  if (error instanceof CommanderError) {
    // The library has said what is wrong; that help was asked for is not.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return
  }
  const { faultOf } = await import('#runtime/start-fault.ts')
  const fault = faultOf(error, language)
  if (fault === undefined) throw error
  if (process.argv.includes('--json') && fault.data !== undefined) print(JSON.stringify(fault.data, null, 2))
  console.error(fault.text)
  process.exitCode = fault.exitCode
}

if (import.meta.main) await main()
