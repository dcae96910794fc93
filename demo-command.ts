// `penstock demo`: its options; the demo itself is loaded when it is run.
import { type Command, Option } from 'commander'
import type { TreeContext } from '#runtime/command-line.ts'
import { span, wholeNumber } from '#runtime/option-values.ts'

export function addDemoOptions(part: Command, { language, say, version }: TreeContext): void {
  const milliseconds = span(say, { low: 1000, high: 30 * 24 * 3_600_000 })
  const seconds = (text: string) => milliseconds(text) / 1000
  part
    .addOption(
      new Option('--for <span>', say('到时自动停止，例如 90s', 'stop by itself after this long, for example 90s')).argParser(seconds)
    )
    .addOption(
      new Option('--data <folder>', say('数据文件夹（默认为新的临时文件夹）', 'folder for the files (default: a fresh temporary folder)'))
    )
    .addOption(new Option('--port <port>', say('网页端口', 'port of the page')).argParser(wholeNumber(say, 0, 65535)).default(8080))
    .addOption(
      new Option('--attack <name>', say('一分钟后播放的攻击', 'the attack that is played after a minute'))
        .choices(['setpoint-tamper', 'sensor-freeze', 'pump-stop', 'none'])
        .default('setpoint-tamper')
    )
    .addOption(new Option('--attack-after <span>', say('多久后开始攻击', 'when the attack starts')).argParser(seconds).default(60, '60s'))
    .action(async (options) => (await import('./demo.ts')).runDemo({ ...options, language, version }))
}
