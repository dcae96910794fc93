// Those commands of `penstock agent` that ask a device: one reading, a live table, what it is, what it holds, whom to trust.
import { type Command, Option } from 'commander'
import { configOption, examples, jsonOption, printOutcome, type Say, type TreeContext } from '#runtime/command-line.ts'
import { span, wholeNumber } from '#runtime/option-values.ts'

export function addDeviceCommands(part: Command, context: TreeContext): void {
  addOnce(part, context)
  addWatch(part, context)
  addBrowse(part, context)
  addIdentify(part, context)
  addTrust(part, context)
}

const deviceOption = (say: Say) => new Option('-d, --device <id...>', say('只读取这些设备', 'only these devices'))

const tagOption = (say: Say) =>
  new Option('-t, --tag <name...>', say('只读取这些测点；* 代表任意字符', 'only these tags; * stands for any characters'))

const secondOption = (say: Say) =>
  new Option(
    '--second-connection',
    say('即使本机已有到该设备的连接也读取', 'read although this machine is connected to the device already')
  )

const timeoutOption = (say: Say, byDefault: number) =>
  new Option('--timeout <span>', say('最多等待多久，例如 10s', 'how long to wait at most, for example 10s'))
    .argParser(span(say, { low: 100, high: 3_600_000 }))
    .default(byDefault, `${byDefault / 1000}s`)

function addOnce(part: Command, { language, say }: TreeContext): void {
  part
    .command('once')
    .description(
      say(
        '把每个测点读取一次并列表显示；不发布，不写磁盘，仍受预算约束',
        'read every tag once and show a table; publishes nothing, writes no disk, stays within the budget'
      )
    )
    .addOption(configOption(say))
    .addOption(deviceOption(say))
    .addOption(tagOption(say))
    .addOption(timeoutOption(say, 30_000))
    .addOption(secondOption(say))
    .addOption(new Option('--raw', say('同时显示原始字节', 'show the raw bytes too')))
    .addOption(jsonOption(say))
    .addHelpText(
      'after',
      examples(say, [
        ['penstock agent once -c agent.yaml', '全部测点', 'all tags'],
        [
          "penstock agent once -c agent.yaml -d plc-1 -t 'pump*' --raw",
          '一台设备的部分测点及其原始字节',
          'some tags of one device with their bytes'
        ]
      ])
    )
    .action(async ({ config, json, ...options }) => {
      const { once } = await import('./once.ts')
      printOutcome(await once({ file: config, ...options, language }), json)
    })
}

function addWatch(part: Command, { language, say }: TreeContext): void {
  part
    .command('watch')
    .description(
      say(
        '实时显示各测点；输出不是终端时每个采样值一行 JSON',
        'a live table of the tags; one JSON line for each sample where the output is no terminal'
      )
    )
    .addOption(configOption(say))
    .addOption(deviceOption(say))
    .addOption(tagOption(say))
    .addOption(secondOption(say))
    .addOption(new Option('--json', say('每个采样值一行 JSON', 'one JSON line for each sample')))
    .addHelpText('after', examples(say, [['penstock agent watch -c agent.yaml -d plc-1', '按 Ctrl-C 结束', 'Ctrl-C ends it']]))
    .action(async ({ config, ...options }) => (await import('./watch.ts')).watch({ file: config, ...options, language }))
}

function addBrowse(part: Command, { language, say }: TreeContext): void {
  part
    .command('browse')
    .description(say('列出 OPC UA 设备的节点树，数量有上限', 'show the tree of nodes of an OPC UA device, within limits'))
    .argument('<device>', say('配置中的设备标识', 'the id of the device in the configuration'))
    .addOption(configOption(say))
    .addOption(new Option('--node <id>', say('从此节点开始', 'begin at this node')).default('i=85', 'Objects'))
    .addOption(new Option('--depth <levels>', say('最多几层', 'how many levels at most')).argParser(wholeNumber(say, 1, 20)).default(4))
    .addOption(
      new Option('--max <nodes>', say('最多几个节点', 'how many nodes at most')).argParser(wholeNumber(say, 1, 100_000)).default(1000)
    )
    .addOption(new Option('--yaml', say('输出可粘贴到配置中的测点', 'print tags to paste into the configuration')))
    .addOption(timeoutOption(say, 60_000))
    .addOption(secondOption(say))
    .addOption(jsonOption(say))
    .addHelpText(
      'after',
      examples(say, [['penstock agent browse plc-2 -c agent.yaml --depth 3 --yaml', '得到测点清单', 'gives a list of tags']])
    )
    .action(async (device: string, { config, json, ...options }) => {
      const { browse } = await import('./browse.ts')
      printOutcome(await browse({ file: config, device, ...options, language }), json)
    })
}

function addIdentify(part: Command, { language, say }: TreeContext): void {
  part
    .command('identify')
    .description(
      say(
        '询问设备的厂商、型号和版本（Modbus 功能码 43/14，或 OPC UA 的服务器状态）',
        'ask a device for its maker, model and version (Modbus function 43/14, or the server status of OPC UA)'
      )
    )
    .argument('<device>', say('配置中的设备标识', 'the id of the device in the configuration'))
    .addOption(configOption(say))
    .addOption(new Option('--server-id', say('另发功能码 17；部分设备不支持', 'send function 17 too, which some devices do not bear')))
    .addOption(timeoutOption(say, 30_000))
    .addOption(secondOption(say))
    .addOption(jsonOption(say))
    .action(async (device: string, { config, json, ...options }) => {
      const { identify } = await import('./identify.ts')
      printOutcome(await identify({ file: config, device, ...options, language }), json)
    })
}

function addTrust(part: Command, { language, say }: TreeContext): void {
  const trust = part
    .command('trust')
    .description(say('查看、信任或拒绝 OPC UA 服务器证书', 'see, accept or reject certificates of OPC UA servers'))
  const withOptions = (command: Command) =>
    command
      .addOption(configOption(say))
      .addOption(new Option('-d, --device <id>', say('只针对此设备', 'only for this device')))
      .addOption(jsonOption(say))
  withOptions(trust.command('list').description(say('列出见过的证书', 'list the certificates that were seen'))).action(
    async ({ config, json, device }) => printOutcome(await (await import('./trust.ts')).trustList({ file: config, device, language }), json)
  )
  for (const verdict of ['accept', 'reject'] as const)
    withOptions(
      trust
        .command(verdict)
        .description(verdict === 'accept' ? say('信任证书', 'accept a certificate') : say('拒绝证书', 'reject a certificate'))
        .argument('<thumbprint>', say('证书的 SHA-1 指纹（40 位十六进制）', 'the SHA-1 thumbprint of the certificate, 40 hex digits'))
    ).action(async (thumbprint: string, { config, json, device }) => {
      const { trustJudge } = await import('./trust.ts')
      printOutcome(await trustJudge({ file: config, device, verdict, thumbprint, language }), json)
    })
}
