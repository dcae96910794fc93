// `penstock agent`: the commands of the agent. What each of them does is loaded when it is run.
import { type Command, Option } from 'commander'
import { addRun, CHECK_ABOUT, configOption, examples, jsonOption, printOutcome, type Say, type TreeContext } from '#runtime/command-line.ts'
import { anyNumber, wholeNumber } from '#runtime/option-values.ts'
import { addDeviceCommands } from './tree-devices.ts'

export function addAgentCommands(part: Command, context: TreeContext): void {
  const { language, say } = context
  part.usage('[run] -c <agent.yaml>')
  addRun(part, say, async (file) => (await import('../main.ts')).runAgent({ file, language })).addHelpText(
    'after',
    `\n${say(
      'SIGHUP 信号使其重新读取配置：没有更改的设备保持连接，不受影响；\n配置有错时一切照旧，错误写入日志。需要重启才能生效的设置也写入日志。',
      'SIGHUP makes it read the configuration again. Devices that did not change keep their connection and miss\nnothing; a faulty file changes nothing, and its faults are logged. So is what only a restart can change.'
    )}`
  )
  part
    .command('check')
    .description(CHECK_ABOUT(say))
    .addOption(configOption(say))
    .addOption(jsonOption(say))
    .action(async ({ config, json }) => printOutcome(await (await import('./check.ts')).check({ file: config, language }), json))
  part
    .command('plan')
    .description(
      say(
        '列出将发出的每个请求、字节数和占预算的百分比，不接触设备',
        'list every request with its bytes and per cent of the budget, without touching a device'
      )
    )
    .addOption(configOption(say))
    .addOption(jsonOption(say))
    .action(async ({ config, json }) => printOutcome(await (await import('./plan.ts')).plan({ file: config, language }), json))
  addDeviceCommands(part, context)
  addDecode(part, context)
  addImport(part, context)
  part
    .command('doctor')
    .description(
      say(
        '检查网络、时间、证书、文件与权限，并说明该怎么做',
        'look at network, time, certificates, files and permissions, and say what to do'
      )
    )
    .addOption(configOption(say))
    .addOption(jsonOption(say))
    .action(async ({ config, json }) => printOutcome(await (await import('./doctor.ts')).doctor({ file: config, language }), json))
  addCompletion(part, say)
}

function addDecode(part: Command, { language, say }: TreeContext): void {
  part
    .command('decode')
    .description(say('将一段寄存器按每种类型和字节序解读', 'read a block of registers in every type and byte order'))
    .argument('[hex...]', say('寄存器的十六进制字节，例如 41AC 0000', 'the bytes of the registers in hex, for example 41AC 0000'))
    .addOption(
      new Option('--registers <values>', say('寄存器的十进制值，以逗号分隔', 'the registers as decimal numbers, with commas between'))
    )
    .addOption(
      new Option('--at <address>', say('首个寄存器的地址', 'the address of the first register'))
        .argParser(wholeNumber(say, 0, 65535))
        .default(0)
    )
    .addOption(
      new Option(
        '--like <value>',
        say('现场看到的数值，标出与之相近的解读', 'the value seen on site; readings near it are marked')
      ).argParser(anyNumber(say))
    )
    .addOption(jsonOption(say))
    .addHelpText(
      'after',
      examples(say, [
        ['penstock agent decode 41AC 0000 --like 21.5', '哪种类型和字节序给出约 21.5', 'which type and order give about 21.5'],
        ['penstock agent decode --registers 16812,0 --at 100', '十进制的寄存器值', 'registers as decimal numbers']
      ])
    )
    .action(async (hex: string[], { json, ...options }) =>
      printOutcome((await import('./decode.ts')).decode({ hex, ...options, language }), json)
    )
}

function addImport(part: Command, { language, say }: TreeContext): void {
  part
    .command('import')
    .description(
      say('从其他产品的点表生成 agent.yaml，只读导入', 'make an agent.yaml from the tag list of another product, for reading only')
    )
    .argument('[file]', say('要导入的文件', 'the file to import'))
    .addOption(new Option('--from <format>', say('文件格式', 'the format of the file')).choices(['csv', 'telegraf', 'neuron', 'kepware']))
    .addOption(new Option('--out <file>', say('写入此文件（不覆盖已有文件）', 'write to this file; one that is there is not replaced')))
    .addOption(new Option('--host <host>', say('格式中没有设备地址时使用', 'the address of the device, where the format does not hold it')))
    .addOption(
      new Option('--port <port>', say('格式中没有端口时使用', 'the port, where the format does not hold it')).argParser(
        wholeNumber(say, 1, 65535)
      )
    )
    .addOption(
      new Option('--unit <unit>', say('格式中没有单元号时使用', 'the unit id, where the format does not hold it')).argParser(
        wholeNumber(say, 0, 255)
      )
    )
    .addOption(new Option('--template', say('输出 CSV 模板及各列说明', 'print a CSV template with what its columns mean')))
    .addOption(jsonOption(say))
    .addHelpText(
      'after',
      examples(say, [
        ['penstock agent import --template > tags.csv', '先取得 CSV 模板', 'begin with a CSV template'],
        ['penstock agent import tags.csv --from csv --out agent.yaml', '导入填好的 CSV', 'import the filled CSV'],
        ['penstock agent import telegraf.conf --from telegraf', '结果输出到屏幕', 'the result on the screen'],
        [
          'penstock agent import plc.csv --from kepware --host 10.0.0.5',
          'KEPServerEX 的 CSV 不含设备地址',
          'a KEPServerEX CSV does not name the device'
        ]
      ])
    )
    .action(async (file: string | undefined, { json, ...options }) => {
      const { importTags } = await import('./import.ts')
      printOutcome(await importTags({ file, ...options, language }), json)
    })
}

function addCompletion(part: Command, say: Say): void {
  part
    .command('completion')
    .description(say('生成命令行补全脚本', 'print a script that completes the command line'))
    .argument('<shell>', say('命令解释器：bash、zsh 或 fish', 'the shell: bash, zsh or fish'))
    .addHelpText(
      'after',
      examples(say, [
        ['source <(penstock agent completion bash)', '本次会话启用', 'for this session'],
        ['penstock agent completion fish > ~/.config/fish/completions/penstock.fish', '长期启用', 'for good']
      ])
    )
    .action(async (shell: string, _options: unknown, command: Command) => {
      const { completionOf } = await import('#runtime/completion.ts')
      const root = command.parent?.parent ?? command
      printOutcome({ text: completionOf(root, shell), data: null, trouble: false })
    })
}
