// `penstock simulate`: its commands; the simulator itself is loaded when one of them is run.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CHECK_ABOUT, configOption, EXIT, examples, print, type Say, type TreeContext } from '#runtime/command-line.ts'
import { anyNumber, wholeNumber } from '#runtime/option-values.ts'
import { PLANTS } from './plants/plant.ts'
import type { PlayRequest, SimulateOptions } from './town.ts'

type Flags = Omit<SimulateOptions, 'attack' | 'fault'> & Partial<Pick<SimulateOptions, 'attack' | 'fault'>>

export function addSimulatorCommands(part: Command, { language, say }: TreeContext): void {
  part
    .usage('[run] <plant> | [run] -c <scenario.yaml> | check -c <scenario.yaml>')
    .addHelpText(
      'after',
      () => `${examples(say, EXAMPLES)}\n${say('全部选项：penstock simulate run --help', 'All options: penstock simulate run --help')}`
    )
  const run = part
    .command('run', { isDefault: true })
    .description(say('运行，直到收到停止信号（默认）', 'run until stopped (the default)'))
    .usage('<plant> | -c <scenario.yaml>')
    .argument('[plant]', say(`厂站：${PLANTS.join('、')}`, `the plant: ${PLANTS.join(', ')}`))
  for (const option of options(say)) run.addOption(option)
  run
    .addHelpText('after', () => examples(say, EXAMPLES))
    .action(async (plant: string | undefined, { attack = [], fault = [], ...given }: Flags, command: Command) => {
      if (plant !== undefined && !PLANTS.some((one) => one === plant))
        command.error(say(`错误：没有厂站 ${plant}`, `error: there is no plant ${plant}`), { exitCode: EXIT.usage })
      if ((plant === undefined) === (given.config === undefined))
        command.error(say('错误：须给出厂站或 -c <文件>', 'error: needs either a plant or -c <file>'), { exitCode: EXIT.usage })
      const { simulate } = await import('./main.ts')
      await simulate({ ...given, attack, fault, ...(plant === undefined ? {} : { plant }), language })
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
    new Option('--opcua <[host]:port>', say('同时提供 OPC UA（允许匿名，仅供测试）', 'also serve OPC UA (anonymous, for tests)')).argParser(
      listen
    ),
    new Option('--web <[host]:port>', say('提供工艺画面网页', 'serve the mimic page')).argParser(listen),
    new Option('--view', say('在终端中显示实时画面', 'show a live view in the terminal')),
    new Option('--speed <n>', say('快于实时多少倍', 'how many times faster than real time')).argParser(anyNumber(say)),
    new Option('--seed <n>', say('随机数种子', 'the seed of all randomness')).argParser(wholeNumber(say, 0, 0x7fff_ffff)),
    new Option(
      '--count <n>',
      say('同一进程中多少台 PLC，端口依次加一', 'how many PLCs in this process, on ports one after the other')
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
    new Option('--labels <file>', say('标注文件（JSON 行），续写', 'the file that labels are appended to (JSON lines)'))
  ]
}

const EXAMPLES = [
  ['penstock simulate water --view', '水厂，Modbus TCP 端口 1502，终端画面', 'a waterworks on Modbus TCP port 1502, seen in the terminal'],
  [
    'penstock simulate heat --web :8090 --speed 60',
    '换热站，一分钟一小时，网页画面',
    'a heat station, an hour a minute, with its mimic page'
  ],
  ['penstock simulate gas --modbus :1600 --count 100', '一百台 PLC，端口 1600 至 1699', 'a hundred PLCs on ports 1600 to 1699']
] as const

function listenAddress(say: Say): (text: string) => { host: string; port: number } {
  return (text) => {
    const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]+)?:)?(\d{1,5})$/.exec(text)
    const port = Number(match?.[2] ?? Number.NaN)
    if (match === null || !(port <= 65535))
      throw new InvalidArgumentError(say('应为 ":1502" 或 "0.0.0.0:1502"。', 'must look like ":1502" or "0.0.0.0:1502".'))
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
