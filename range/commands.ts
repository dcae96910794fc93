// `penstock range`: its commands; what they need is loaded when one of them is run.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { examples, jsonOption, print, printOutcome, type Say, type TreeContext, UsageFault } from '#runtime/command-line.ts'
import { numberWithin, wholeNumber } from '#runtime/option-values.ts'
import { BROKERS, type BrokerKind } from './broker-kind.ts'

interface OutputFlags {
  json?: string
  junit?: string
  html?: string
  thresholds?: string
}

interface RunFlags extends OutputFlags {
  all?: boolean
  fast?: boolean
  jobs: number
  grace: number
  record?: string
  live?: boolean
  speed?: number
  for?: number
  broker?: BrokerKind
}

export function addRangeCommands(part: Command, context: TreeContext): void {
  addRun(part, context)
  addRecordings(part, context)
  addList(part, context)
  addCheck(part, context)
}

function addRun(part: Command, { say, language }: TreeContext): void {
  addOutputs(part.command('run'), say)
    .description(
      say(
        '播放场景，对照标注为告警评分并打印成绩表；低于门限时退出码为 1',
        'play scenarios, score the alerts against the labels and print the board; exit code 1 under a threshold'
      )
    )
    .argument('[scenario...]', say('场景文件，或随附场景的名称', 'scenario files, or names of those that come with Penstock'))
    .addOption(new Option('--all', say('全部随附场景', 'all scenarios that come with Penstock')))
    .addOption(new Option('--fast', say('不经套接字，尽快播放（默认）', 'without sockets, as fast as it goes (the default)')))
    .addOption(
      new Option(
        '--live',
        say(
          '经真实链路逐个播放：PLC 套接字、采集代理、消息代理、汇聚中心',
          'through the real chain, one after the other: PLC sockets, agent, broker, collector'
        )
      ).conflicts(['fast', 'jobs', 'record'])
    )
    .addOption(
      new Option(
        '--speed <n>',
        say(
          '配合 --live：厂站快几倍（默认 1）。代理与规则不加快：每两次读数之间相隔厂站时间 n 秒，它们用去的每一秒计为 n 秒',
          'with --live: how many times faster the plant runs (default 1). Agent and rules do not: between two readings pass n seconds of the plant, and each second that they take counts as n'
        )
      ).argParser(numberWithin(say, 0.1, 1000))
    )
    .addOption(
      new Option(
        '--for <time>',
        say(
          '配合 --live：每个场景至多播放多久，按厂站时间，如 00:30:00',
          'with --live: how much of each scenario is played, in the time of the plant, such as 00:30:00'
        )
      ).argParser(plantTime(say))
    )
    .addOption(
      new Option(
        '--broker <kind>',
        say('配合 --live：消息代理；默认有 Mosquitto 即用之', 'with --live: the broker; by default Mosquitto where there is one')
      ).choices(BROKERS)
    )
    .addOption(new Option('--jobs <n>', say('同时播放几个场景', 'how many at a time')).argParser(wholeNumber(say, 1, 64)).default(2))
    .addOption(new Option('--record <folder>', say('同时录制到此文件夹', 'also write recordings into this folder')))
    .addHelpText(
      'after',
      examples(say, [
        ['penstock range run setpoint-tamper', '播放一个随附场景', 'play one scenario that comes with Penstock'],
        ['penstock range run --all --json board.json', '播放全部随附场景', 'play all of them'],
        [
          'penstock range run water-opcua --live --speed 10 --html board.html',
          '经真实链路播放，厂站快十倍，成绩写成网页',
          'play one through the real chain with the plant ten times faster, and write the board as a page'
        ]
      ])
    )
    .action(async (wanted: string[], { all = false, grace, ...flags }: RunFlags) => {
      const { fast: _, live: isLive = false, speed, for: forSeconds, broker, ...files } = flags
      const stray = isLive ? undefined : Object.entries({ speed, for: forSeconds, broker }).find(([, value]) => value !== undefined)
      if (stray !== undefined) throw new UsageFault(`--${stray[0]} 须与 --live 同用`, `--${stray[0]} goes with --live only`)
      const wish = { speed: speed ?? 1, ...(forSeconds === undefined ? {} : { forSeconds }), ...(broker === undefined ? {} : { broker }) }
      const { runRange } = await import('./run.ts')
      await runRange({ wanted, all, graceSeconds: grace, ...files, ...(isLive ? { live: wish } : {}), language })
    })
}

function plantTime(say: Say): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,3}):([0-5]\d)(?::([0-5]\d))?$/.exec(text)
    const seconds = Number(match?.[1] ?? 0) * 3600 + Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0)
    if (seconds === 0)
      throw new InvalidArgumentError(say('应为 "时:分" 或 "时:分:秒"。', 'must be "hours:minutes" or "hours:minutes:seconds".'))
    return seconds
  }
}

function addCheck(part: Command, { say, language }: TreeContext): void {
  part
    .command('check')
    .description(
      say('检查场景：一次列出全部错误及其行列，不启动任何东西', 'check scenarios: tell every fault with line and column, start nothing')
    )
    .argument('[scenario...]', say('场景文件，或随附场景的名称', 'scenario files, or names of those that come with Penstock'))
    .addOption(new Option('--all', say('全部随附场景', 'all scenarios that come with Penstock')))
    .action(async (wanted: string[], { all = false }: { all?: boolean }) => {
      const scenarios = await (await import('./run-scenarios.ts')).readScenarios({ wanted, all, language })
      const count = scenarios.length
      print(say(`${count} 个场景无误`, count === 1 ? 'The scenario is sound' : `${count} scenarios are sound`))
    })
}

function addRecordings(part: Command, { say, language }: TreeContext): void {
  part
    .command('record')
    .description(say('录制一个场景；同一种子得到同样的字节', 'write a recording of a scenario; the same seed gives the same bytes'))
    .argument('<scenario>', say('场景文件，或随附场景的名称', 'a scenario file, or the name of one that comes with Penstock'))
    .addOption(
      new Option('-o, --output <file>', say('文件，.zst 结尾则压缩', 'the file; .zst at its end compresses')).makeOptionMandatory()
    )
    .action(async (wanted: string, { output }: { output: string }) => {
      await (await import('./run-recording.ts')).recordOne({ wanted, output, language })
    })
  addOutputs(part.command('judge'), say)
    .description(say('对录制重新研判并评分', 'judge a recording again and score it'))
    .argument('<recording>', say('录制文件', 'the recording'))
    .action(async (file: string, { grace, ...outputs }: OutputFlags & { grace: number }) => {
      await (await import('./run-recording.ts')).judgeOne({ file, graceSeconds: grace, ...outputs, language })
    })
  part
    .command('export')
    .description(say('将录制导出为 CSV（每测点一列）或 JSONL', 'turn a recording into CSV, a column for each tag, or JSON lines'))
    .argument('<recording>', say('录制文件', 'the recording'))
    .addOption(new Option('--csv', say('CSV（默认）', 'CSV (the default)')))
    .addOption(new Option('--jsonl', say('JSONL，每个样本一行', 'JSON lines, one for each sample')).conflicts('csv'))
    .addOption(new Option('-o, --output <file>', say('写入文件而非标准输出', 'write into a file instead of standard output')))
    .action(async (file: string, { jsonl = false, output }: { jsonl?: boolean; output?: string }) => {
      const format = jsonl ? 'jsonl' : 'csv'
      await (await import('./run-recording.ts')).exportOne({ file, format, ...(output === undefined ? {} : { output }), language })
    })
}

function addList(part: Command, { say, language }: TreeContext): void {
  part
    .command('list')
    .description(say('列出随附的场景、攻击与故障', 'list the scenarios, attacks and faults that come with Penstock'))
    .addOption(jsonOption(say))
    .action(async ({ json = false }: { json?: boolean }) => {
      printOutcome(await (await import('./range-list.ts')).listOutcome(language), json)
    })
}

// What becomes of a board; the same wherever one is made.
const addOutputs = (command: Command, say: Say): Command =>
  command
    .addOption(
      new Option(
        '--grace <seconds>',
        say('攻击结束后多少秒内的告警仍算发现', 'how long after its end an attack still accounts for an alert')
      )
        .argParser(wholeNumber(say, 0, 86_400))
        .default(300)
    )
    .addOption(new Option('--json <file>', say('成绩写成 JSON', 'write the board as JSON')))
    .addOption(new Option('--junit <file>', say('成绩写成 JUnit XML', 'write the board as JUnit XML')))
    .addOption(new Option('--html <file>', say('成绩写成网页', 'write the board as a page')))
    .addOption(new Option('--thresholds <file>', say('门限文件（YAML）', 'what must be reached, a YAML file')))
