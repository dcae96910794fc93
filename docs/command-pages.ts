// The reference of the command line, written from the tree of commands itself: what --help says, all of it, on one page a language.
import type { Command } from 'commander'
import { type Language, pick } from '#contract/language.ts'
import { buildProgram } from '../penstock.ts'

const WIDTH = 110

export async function commandPage(language: Language): Promise<string> {
  const program = await buildProgram(language)
  const say = (zh: string, en: string) => pick({ zh, en }, language)
  const exits = [
    ['0', say('完成', 'done')],
    ['1', say('完成并发现问题，或者设备、主机妨碍了执行', 'done and found trouble, or a device or the machine stood in the way')],
    ['2', say('用法有误', 'wrong usage')],
    ['78', say('配置或密钥有误', 'wrong configuration or secret')],
    ['130', say('被第二次 Ctrl-C 中断', 'ended by a second Ctrl-C')]
  ]
  return [
    `# ${say('命令行', 'Command line')}`,
    say(
      '安装后的命令为 `penstock`；在源码目录中为 `node penstock.js`。语言取自 `--language`，否则取自环境（`LC_ALL`、`LC_MESSAGES`、`LANG`）。' +
        '进度只在终端上输出到标准错误；颜色遵守 `NO_COLOR`。带 `--json` 的结果见 [command-results.md](command-results.md)。',
      'Installed, the command is `penstock`; in the source folder it is `node penstock.js`. The language is that of `--language`, else of the ' +
        'environment (`LC_ALL`, `LC_MESSAGES`, `LANG`). Progress goes to standard error, on a terminal only; colours honour `NO_COLOR`. ' +
        'What `--json` prints: [command-results.md](command-results.md).'
    ),
    [
      `| ${say('退出码', 'exit code')} | ${say('含义', 'meaning')} |`,
      '|---|---|',
      ...exits.map(([code, text]) => `| ${code} | ${text} |`)
    ].join('\n'),
    ...sectionsOf(program, '')
  ].join('\n\n')
}

function sectionsOf(command: Command, before: string): string[] {
  const path = `${before}${command.name()}`
  return [`## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``, ...command.commands.flatMap((one) => sectionsOf(one, `${path} `))]
}

function helpOf(command: Command): string {
  const parts: string[] = []
  command
    .configureHelp({ ...command.configureHelp(), helpWidth: WIDTH })
    .configureOutput({ ...command.configureOutput(), writeOut: (part) => void parts.push(part), getOutHasColors: () => false })
    .outputHelp()
  return parts.join('').trim()
}
