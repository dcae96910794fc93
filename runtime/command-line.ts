// The command line in the reader's language: help, faults of usage, exit codes, and how a command's result is printed.
import { type Command, type CommanderError, Option } from 'commander'
import { type Language, pick } from '#contract/language.ts'
import type { Text } from '#contract/text.ts'
import { displayWidth } from './console-table.ts'

export const EXIT = { ok: 0, trouble: 1, usage: 2, config: 78, interrupted: 130 } as const

/** What was asked for cannot be done as it was asked. */
export class UsageFault extends Error {
  readonly code = 'USAGE_FAULT'
  readonly exitCode = EXIT.usage
  readonly text: Text
  constructor(zh: string, en: string, options?: ErrorOptions) {
    super(en, options)
    this.name = 'UsageFault'
    this.text = { zh, en }
  }
}

/** The result of a command: for people, and as plain data for --json. */
export interface Outcome {
  text: string
  data: unknown
  /** True when the command did its work and found something wrong: exit code 1. */
  trouble: boolean
}

export function printOutcome({ text, data, trouble }: Outcome, json = false): void {
  print(json ? JSON.stringify(data, null, 2) : text)
  process.exitCode = trouble ? EXIT.trouble : EXIT.ok
}

export function print(text: string): void {
  // A reader that went away (`| head`) is no fault.
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => process.exit())
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** One line of progress, only where a person sees it. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`)
}

export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C; the second ends the process at once. */
  readonly signal: AbortSignal
}

export function interruption(): Interruption {
  const ending = new AbortController()
  const end = () => {
    if (ending.signal.aborted) process.exit(EXIT.interrupted)
    ending.abort()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, end)
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, end)
    }
  }
}

export type Say = (zh: string, en: string) => string

/** What the commands of a part need to know when they are added. */
export interface TreeContext {
  language: Language
  say: Say
  version: string
}

export function sayIn(language: Language): Say {
  return (zh, en) => pick({ zh, en }, language)
}

export interface RunAndCheck {
  run: (file: string) => Promise<void>
  check: (file: string) => Promise<string>
}

/** The two commands of a part that has a config and nothing else to ask. */
export function addRunAndCheck(part: Command, say: Say, { run, check }: RunAndCheck): void {
  part.usage('[run|check] -c <file.yaml>')
  addRun(part, say, run)
  part
    .command('check')
    .description(CHECK_ABOUT(say))
    .addOption(configOption(say))
    .action(async ({ config }: { config: string }) => print(await check(config)))
}

export function addRun(part: Command, say: Say, run: (file: string) => Promise<void>): Command {
  return (
    part
      .command('run', { isDefault: true })
      .description(say('运行，直到收到停止信号（默认）', 'run until stopped (the default)'))
      .usage('-c <file.yaml>')
      // The default command is given the word that a misspelt command is, and says so instead of asking for a file.
      .argument('[word]')
      .addOption(configOption(say).makeOptionMandatory(false))
      .action(async (word: string | undefined, { config }: { config?: string }, command: Command) => {
        if (word !== undefined) command.error(`error: unknown command '${word}'`, { code: 'commander.unknownCommand' })
        if (config === undefined)
          command.error(`error: required option '-c, --config <file>' not specified`, { code: 'commander.missingMandatoryOptionValue' })
        await run(config)
      })
  )
}

export const CHECK_ABOUT = (say: Say) =>
  say('检查配置：一次列出全部错误及其行列，不启动任何东西', 'check the configuration: tell every fault with line and column, start nothing')

/** Below the options of a help page: what people type. */
export function examples(say: Say, lines: readonly (readonly [command: string, zh: string, en: string])[]): string {
  const shown = lines.map(([command, zh, en]) => `  ${command}\n      ${say(zh, en)}`)
  return `\n${say('示例：', 'Examples:')}\n${shown.join('\n')}`
}

export const configOption = (say: Say) =>
  new Option('-c, --config <file>', say('YAML 配置文件', 'the configuration, a YAML file')).makeOptionMandatory()

export const jsonOption = (say: Say) => new Option('--json', say('以 JSON 输出结果', 'print the result as JSON'))

/** Help, headings and faults in the language; every exit goes through an exception. Commands that are added later inherit it. */
export function dress(program: Command, language: Language): Command {
  const say = sayIn(language)
  const chinese = (text: string, table: readonly (readonly [RegExp, string])[]) =>
    language === 'zh-CN' ? table.reduce((said, [english, zh]) => said.replace(english, zh), text) : text
  return program
    .helpOption('-h, --help', say('显示帮助', 'print help'))
    .helpCommand('help [command]', say('显示某个命令的帮助', 'print help for a command'))
    .configureHelp({
      styleTitle: (title) => chinese(title, HEADINGS),
      styleUsage: (usage) => chinese(usage, USAGE),
      styleDescriptionText: (text) => chinese(text, NOTES),
      displayWidth
    })
    .showHelpAfterError(say('（--help 显示用法）', '(--help tells more)'))
    .configureOutput({ writeOut: print, outputError: (text, write) => write(chinese(text, FAULTS)) })
    .exitOverride((error: CommanderError) => {
      throw error
    })
}

// The library says these in English only.
const HEADINGS = [
  [/^Usage:$/, '用法：'],
  [/^Options:$/, '选项：'],
  [/^Global Options:$/, '全局选项：'],
  [/^Commands:$/, '命令：'],
  [/^Arguments:$/, '参数：']
] as const

const USAGE = [
  [/\[options\]/, '[选项]'],
  [/\[command\]/, '[命令]']
] as const

const NOTES = [
  [/ ?\(choices: ([^()]*), default: ([^()]*)\)$/, '（可选：$1；默认：$2）'],
  [/ ?\(choices: ([^()]*)\)$/, '（可选：$1）'],
  [/ ?\(default: ([^()]*)\)$/, '（默认：$1）']
] as const

const FAULTS = [
  [/^error: unknown option '(.*?)'/, '错误：未知选项 $1'],
  [/^error: unknown command '(.*?)'/, '错误：未知命令 $1'],
  [/^error: missing required argument '(.*?)'/, '错误：缺少参数 <$1>'],
  [/^error: option '(.*?)' argument missing/, '错误：选项 $1 缺少取值'],
  [/^error: required option '(.*?)' not specified/, '错误：须给出选项 $1'],
  [/^error: option '(.*?)' cannot be used with option '(.*?)'/, '错误：选项 $1 不能与 $2 同时使用'],
  [/^error: option '(.*?)' argument '(.*?)' is invalid\. Allowed choices are (.*?)\.$/m, '错误：选项 $1 的取值 $2 无效，可选：$3。'],
  [/^error: option '(.*?)' argument '(.*?)' is invalid\. ?/, '错误：选项 $1 的取值 $2 无效：'],
  [
    /^error: command-argument value '(.*?)' is invalid for argument '(.*?)'\. Allowed choices are (.*?)\.$/m,
    '错误：参数 $2 的取值 $1 无效，可选：$3。'
  ],
  [/^error: command-argument value '(.*?)' is invalid for argument '(.*?)'\. ?/, '错误：参数 $2 的取值 $1 无效：'],
  [
    /^error: too many arguments for '(.*?)'\. Expected (\d+) arguments? but got (\d+): (.*?)\.$/m,
    '错误：$1 的参数过多，应为 $2 个，实为 $3 个：$4。'
  ],
  [/^error: too many arguments\. Expected (\d+) arguments? but got (\d+): (.*?)\.$/m, '错误：参数过多，应为 $1 个，实为 $2 个：$3。'],
  [/\(Did you mean one of (.*?)\?\)/, '（是否指以下之一：$1？）'],
  [/\(Did you mean (.*?)\?\)/, '（是否指 $1？）']
] as const
