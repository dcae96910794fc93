// The one command: agent, collector, simulate, demo. Each part is loaded only when it is asked for.
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { LANGUAGES, type Language, pick } from '#contract/text.ts'
import { ConfigFault, languageOf, SecretFault } from '#runtime/config-file.ts'
import { startText } from '#runtime/start-fault.ts'

const language: Language = languageAsked(process.argv) ?? languageOf()
const say = (zh: string, en: string) => pick({ zh, en }, language)

// The language is needed for the help texts, before the command line is parsed.
function languageAsked(argv: readonly string[]): Language | undefined {
  const at = argv.findIndex((word) => word === '--language' || word.startsWith('--language='))
  const value = argv[at]?.includes('=') ? argv[at].split('=')[1] : argv[at + 1]
  return at < 0 ? undefined : LANGUAGES.find((one) => one === value)
}

function seconds(text: string): number {
  const match = /^(\d+)\s*(s|m|h)?$/.exec(text)
  const factor = { s: 1, m: 60, h: 3600 }[match?.[2] ?? 's'] ?? 1
  const value = Number(match?.[1] ?? Number.NaN) * factor
  if (!(value >= 1 && value <= 30 * 24 * 3600))
    throw new InvalidArgumentError(say('应为 90s、5m 或 1h 这样的时长。', 'must be a span such as 90s, 5m or 1h.'))
  return value
}

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError(say('应为 0 至 65535 的端口号。', 'must be a port from 0 to 65535.'))
  return value
}

// The library knows its headings in English only.
const TITLES: Readonly<Record<string, string>> = { 'Usage:': '用法：', 'Options:': '选项：', 'Commands:': '命令：', 'Arguments:': '参数：' }
const titleIn = (title: string) => (language === 'zh-CN' ? (TITLES[title] ?? title) : title)

interface PartCommand {
  name: string
  about: string
  run: (file: string) => Promise<void>
  check: (file: string) => Promise<string>
}

// Every part has the same form: `<part> -c FILE` runs it, `<part> check -c FILE` tells all faults of the file and starts nothing.
function addPart(program: Command, { name, about, run, check }: PartCommand): void {
  const file = () => new Option('-c, --config <file>', say('YAML 配置文件', 'the configuration, a YAML file')).makeOptionMandatory()
  const part = program.command(name).usage('[run|check] -c <file.yaml>').description(about)
  part
    .command('run', { isDefault: true })
    .description(say('运行，直到收到停止信号（默认）', 'run until stopped (the default)'))
    .addOption(file())
    .action(async (options: { config: string }) => run(options.config))
  part
    .command('check')
    .description(
      say(
        '检查配置：一次列出全部错误及其行列，不启动任何东西',
        'check the configuration: tell every fault with line and column, start nothing'
      )
    )
    .addOption(file())
    .action(async (options: { config: string }) => {
      console.log(await check(options.config))
    })
}

function build(): Command {
  const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }
  const program = new Command('penstock')
    .description(
      say(
        '闸哨：守望供水、供热、供气工控系统，只读不写。',
        'Penstock: a read-only watch over the control systems of water, heat and gas utilities.'
      )
    )
    .version(version, '-V, --version', say('显示版本', 'print the version'))
    .helpOption('-h, --help', say('显示帮助', 'print help'))
    .helpCommand('help [command]', say('显示某个命令的帮助', 'print help for a command'))
    .configureHelp({ styleTitle: titleIn })
    .addOption(new Option('--language <language>', say('界面语言', 'language of texts')).choices(LANGUAGES))
    .showHelpAfterError(say('（--help 显示用法）', '(--help tells more)'))

  addPart(program, {
    name: 'agent',
    about: say('采集代理：读取 PLC 并经 MQTT 发布，从不写入', 'the agent: reads PLCs and publishes over MQTT, never writes'),
    run: async (file) => (await import('./agent/main.ts')).runAgent({ file, language }),
    check: async (file) => (await import('./agent/main.ts')).checkAgent({ file, language })
  })
  addPart(program, {
    name: 'collector',
    about: say('汇聚中心：存储、研判、告警', 'the collector: stores, judges, raises alerts'),
    run: async (file) => (await import('./collector/main.ts')).runCollector({ file, language }),
    check: async (file) => (await import('./collector/main.ts')).checkCollector({ file, language })
  })
  addPart(program, {
    name: 'simulate',
    about: say('模拟器：水厂、PLC、值班操作与带标注的攻击', 'the simulator: a water plant, its PLC, its operator and labelled attacks'),
    run: async (file) => (await import('./simulators/main.ts')).runSimulator({ file, language }),
    check: async (file) => (await import('./simulators/main.ts')).checkSimulator({ file, language })
  })
  program
    .command('demo')
    .description(
      say(
        '在一个进程中运行全部：模拟水厂、采集代理、汇聚中心和网页',
        'all in one process: simulated water plant, agent, collector and page'
      )
    )
    .addOption(
      new Option('--for <span>', say('到时自动停止，例如 90s', 'stop by itself after this long, for example 90s')).argParser(seconds)
    )
    .addOption(
      new Option('--data <folder>', say('数据文件夹（默认为新的临时文件夹）', 'folder for the files (default: a fresh temporary folder)'))
    )
    .addOption(new Option('--port <port>', say('网页端口', 'port of the page')).argParser(port).default(8080))
    .addOption(
      new Option('--attack <name>', say('一分钟后播放的攻击', 'the attack that is played after a minute'))
        .choices(['setpoint-tamper', 'sensor-freeze', 'pump-stop', 'none'])
        .default('setpoint-tamper')
    )
    .addOption(new Option('--attack-after <span>', say('多久后开始攻击', 'when the attack starts')).argParser(seconds).default(60, '60s'))
    .action(async (options) => (await import('./demo.ts')).runDemo({ ...options, language, version }))
  return program
}

try {
  await build().parseAsync()
} catch (error) {
  if (error instanceof ConfigFault || error instanceof SecretFault) {
    console.error(error instanceof SecretFault ? pick(error.text, language) : error.message)
    process.exitCode = error.exitCode
  } else {
    const text = startText(error)
    if (text === undefined) throw error
    console.error(pick(text, language))
    process.exitCode = 1
  }
}
