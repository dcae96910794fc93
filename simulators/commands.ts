// `penstock simulate`: its commands; the simulator itself is loaded when one of them is run.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CHECK_ABOUT, configOption, EXIT, examples, print, type Say, type TreeContext } from '#runtime/command-line.ts'
import { numberWithin, wholeNumber } from '#runtime/option-values.ts'
import { PLANTS } from './plants/plant.ts'
import { CHARACTER_NAMES, CHARACTERS } from './plc/modbus-characters.ts'
import type { SimulateOptions } from './town.ts'
import type { PlayRequest } from './typed.ts'

type Flags = Omit<SimulateOptions, 'attack' | 'fault' | 'plants'> &
  Partial<Pick<SimulateOptions, 'attack' | 'fault'>> & { printAgentConfig?: boolean }

export function addSimulatorCommands(part: Command, { language, say }: TreeContext): void {
  part
    .usage('[run] <plant...> | [run] -c <scenario.yaml> | check -c <scenario.yaml>')
    .addHelpText(
      'after',
      () => `${examples(say, EXAMPLES)}\n${say('全部选项：penstock simulate run --help', 'All options: penstock simulate run --help')}`
    )
  const run = part
    .command('run', { isDefault: true })
    .description(say('运行，直到收到停止信号（默认）', 'run until stopped (the default)'))
    .usage('<plant...> | -c <scenario.yaml>')
    .argument('[plants...]', say(`厂站，可以多个：${PLANTS.join('、')}`, `the plant, or several: ${PLANTS.join(', ')}`))
  for (const option of options(say)) run.addOption(option)
  run
    .addHelpText('after', () => `${characters(say)}\n${examples(say, EXAMPLES)}`)
    .action(async (plants: string[], { attack = [], fault = [], printAgentConfig = false, ...flags }: Flags, command: Command) => {
      const strange = plants.find((plant) => !PLANTS.some((one) => one === plant))
      if (strange !== undefined)
        command.error(say(`错误：没有厂站 ${strange}`, `error: there is no plant ${strange}`), { exitCode: EXIT.usage })
      if ((plants.length === 0) === (flags.config === undefined))
        command.error(say('错误：须给出厂站或 -c <文件>', 'error: needs either a plant or -c <file>'), { exitCode: EXIT.usage })
      if (flags.pcapLimit !== undefined && flags.pcap === undefined)
        command.error(say('错误：--pcap-limit 须与 --pcap 同用', 'error: --pcap-limit goes with --pcap'), { exitCode: EXIT.usage })
      const { agentConfigText, simulate } = await import('./main.ts')
      const options = { ...flags, plants, attack, fault, language }
      if (printAgentConfig) print(await agentConfigText(options))
      else await simulate(options)
    })
  part
    .command('check')
    .description(CHECK_ABOUT(say))
    .addOption(configOption(say))
    .action(async ({ config }: { config: string }) => print(await (await import('./main.ts')).checkSimulator({ file: config, language })))
}

function options(say: Say): Option[] {
  const listen = listenAddress(say)
  return [
    new Option('-c, --config <file>', say('场景文件（YAML）', 'a scenario, a YAML file')),
    new Option(
      '--modbus <[host]:port>',
      say('Modbus 监听地址（默认 127.0.0.1:1502）', 'where Modbus listens (default 127.0.0.1:1502)')
    ).argParser(listen),
    new Option('--framing <framing>', say('Modbus 报文格式（默认 tcp）', 'what goes over a Modbus connection (default tcp)')).choices([
      'tcp',
      'rtu-over-tcp'
    ]),
    new Option(
      '--character <name>',
      say('PLC 的应答方式，见下（默认 lenient）', 'the manners of the PLC, told below (default lenient)')
    ).choices(CHARACTER_NAMES),
    new Option('--opcua <[host]:port>', say('同时提供 OPC UA（允许匿名，仅供测试）', 'also serve OPC UA (anonymous, for tests)')).argParser(
      listen
    ),
    new Option('--web <[host]:port>', say('提供工艺画面网页', 'serve the mimic page')).argParser(listen),
    new Option('--view', say('在终端中显示实时画面', 'show a live view in the terminal')),
    new Option(
      '--speed <n>',
      say('快于实时多少倍，0.1 至 1000（默认 1）', 'how many times faster than real time, from 0.1 to 1000 (default 1)')
    ).argParser(numberWithin(say, 0.1, 1000)),
    new Option('--seed <n>', say('随机数种子', 'the seed of all randomness')).argParser(wholeNumber(say, 0, 0x7fff_ffff)),
    new Option(
      '--count <n>',
      say(
        '同一进程中多少台 PLC，各端口（Modbus、modbus.path、OPC UA）依次加一；若会相撞，则按同样的更大间隔递增',
        'how many PLCs in this process, on ports one after the other: Modbus, modbus.path and OPC UA; where they would meet, all in larger steps'
      )
    ).argParser(wholeNumber(say, 1, 1000)),
    new Option(
      '--attack <name[@time]>',
      say(
        '播放攻击，例如 pump-stop@00:05；有哪些见 penstock range list',
        'play an attack, for example pump-stop@00:05; penstock range list tells which'
      )
    ).argParser(playRequest(say)),
    new Option(
      '--fault <name[@time]>',
      say(
        '播放故障，例如 comms-loss@00:10，或厂站自身的故障，例如 leak',
        'play a fault, for example comms-loss@00:10, or a trouble of the plant such as leak'
      )
    ).argParser(playRequest(say)),
    new Option('--labels <file>', say('标注文件（JSON 行），续写', 'the file that labels are appended to (JSON lines)')),
    new Option(
      '--pcap <file>',
      say(
        '把全部 PLC 的 Modbus 交互录成抓包文件，覆盖已有文件；读取命令在结束时给出',
        'record what all PLCs exchange over Modbus as a packet capture, in place of the file; at the end it is told how tshark reads it'
      )
    ),
    new Option('--pcap-limit <MB>', say('抓包文件的上限（默认 256 MB）', 'the most that the capture grows to (default 256 MB)')).argParser(
      wholeNumber(say, 1, 1_000_000)
    ),
    new Option(
      '--for <hours:minutes>',
      say('厂内时间过了这么久后自行结束', 'end after so much time in the plant; hours:minutes or hours:minutes:seconds')
    ).argParser(plantTime(say)),
    new Option(
      '--print-agent-config',
      say('只打印采集代理读取该厂站所用的配置', 'only print the config with which an agent reads the plant')
    )
  ]
}

const EXAMPLES = [
  ['penstock simulate water --view', '水厂，Modbus TCP 端口 1502，终端画面', 'a waterworks on Modbus TCP port 1502, seen in the terminal'],
  [
    'penstock simulate heat --web :8090 --speed 60',
    '换热站，一分钟一小时，网页画面',
    'a heat station, an hour a minute, with its mimic page'
  ],
  ['penstock simulate gas --modbus :1600 --count 100', '一百台 PLC，端口 1600 至 1699', 'a hundred PLCs on ports 1600 to 1699'],
  [
    'penstock simulate water heat gas --character typical --pcap town.pcap --for 00:10',
    '三座厂站，应答如常见 PLC，录制十分钟',
    'three plants whose PLCs answer as many do, recorded for ten minutes'
  ],
  ['penstock simulate water --print-agent-config > agent.yaml', '写出采集代理的配置', "write the agent's config"]
] as const

function characters(say: Say): string {
  const lines = CHARACTER_NAMES.map((name) => `  ${name.padEnd(9)} ${say(CHARACTERS[name].about.zh, CHARACTERS[name].about.en)}`)
  return `\n${say('应答方式（--character）：', 'Manners (--character):')}\n${lines.join('\n')}`
}

function listenAddress(say: Say): (text: string) => { host: string; port: number } {
  return (text) => {
    const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]+)?:)?(\d{1,5})$/.exec(text)
    const port = Number(match?.[2] ?? Number.NaN)
    if (match === null || !(port <= 65535))
      throw new InvalidArgumentError(
        say('应为 ":1502" 或 "0.0.0.0:1502"，端口 0 至 65535。', 'must look like ":1502" or "0.0.0.0:1502", with a port from 0 to 65535.')
      )
    return { host: match[1]?.replace(/[[\]]/g, '') ?? '127.0.0.1', port }
  }
}

function playRequest(say: Say): (text: string, before?: PlayRequest[]) => PlayRequest[] {
  return (text, before = []) => {
    const match = /^([a-z][a-z0-9-]{0,40})(?:@(\d{1,3}:[0-5]\d(?::[0-5]\d)?))?$/.exec(text)
    if (match?.[1] === undefined)
      throw new InvalidArgumentError(say('应为 "名称" 或 "名称@时:分"。', 'must be a name, or a name@hours:minutes.'))
    return [...before, { name: match[1], at: match[2] ?? '00:00' }]
  }
}

function plantTime(say: Say): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,5}):([0-5]\d)(?::([0-5]\d))?$/.exec(text)
    const [hours = 0, minutes = 0, seconds = 0] = match === null ? [] : match.slice(1).map((part) => Number(part ?? 0))
    const all = hours * 3600 + minutes * 60 + seconds
    if (all === 0) throw new InvalidArgumentError(say('应为 "时:分" 或 "时:分:秒"。', 'must be hours:minutes or hours:minutes:seconds.'))
    return all
  }
}
