// What was typed wrong is told in the words that were typed, before anything starts.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Language, pick } from '#contract/text.ts'
import { UsageFault } from '#runtime/command-line.ts'
import { type SimulateOptions, townOf } from '../../simulators/town.ts'
import { runCommand } from '../parts/command.ts'
import { temporaryFolder } from '../parts/wait.ts'

async function faultsOf(asked: Partial<SimulateOptions>, language: Language = 'en'): Promise<string[]> {
  try {
    await townOf({ plants: [], attack: [], fault: [], language, ...asked })
    return []
  } catch (fault) {
    if (!(fault instanceof UsageFault)) throw fault
    return pick(fault.text, language).split('\n')
  }
}

async function scenarioFile(...lines: string[]): Promise<string> {
  const file = join(await temporaryFolder(), 'own.yaml')
  await writeFile(file, lines.join('\n'))
  return file
}

describe('a fault of the command line', () => {
  it('is told with the option, all of them at once', async () => {
    const wrong = {
      plants: ['water'],
      speed: 5000,
      attack: [{ name: 'no-such', at: '00:05' }],
      fault: [
        { name: 'bad-luck', at: '00:00' },
        { name: 'breakdown', at: '00:00' }
      ]
    }
    expect(await faultsOf(wrong)).toEqual([
      expect.stringMatching(/^command line: --speed: Too big/),
      expect.stringMatching(/^command line: --attack no-such@00:05: Invalid option/),
      expect.stringMatching(/^command line: --fault bad-luck: a water plant has no trouble bad-luck/),
      'command line: --fault breakdown: what: is missing'
    ])
    for (const line of await faultsOf(wrong, 'zh-CN')) expect(line).toMatch(/^命令行：--.*[\u4e00-\u9fff]/)
  })

  it('may lie in how its steps meet those of the file', async () => {
    const config = await scenarioFile('lasts: "00:10"', 'timeline: [{ at: "00:01", for: "00:03", fault: breakdown, with: { what: leak } }]')
    const leak = (at: string) => ({ config, fault: [{ name: 'leak', at }] })
    expect(await faultsOf(leak('00:02'))).toEqual(['command line: --fault leak@00:02: leak is still being played at that time'])
    expect(await faultsOf(leak('00:00'))).toEqual([
      'command line: collides with own.yaml timeline.0: leak is still being played at that time'
    ])
    expect(await faultsOf(leak('00:04'))).toEqual([])
    const late = { config, attack: [{ name: 'pump-stop', at: '00:10' }] }
    expect(await faultsOf(late)).toEqual(['command line: --attack pump-stop@00:10: the scenario is over by then: it lasts 600 seconds'])
    expect(await faultsOf(late, 'zh-CN')).toEqual(['命令行：--attack pump-stop@00:10：场景此时已结束：lasts 为 600 秒'])
  })

  it('is wrong usage, with the option and its limits', async () => {
    for (const [words, said] of [
      [['water', '--speed', '0'], /'--speed <n>'.*0\.1 to 1000/],
      [['water', '--speed', '1001'], /'--speed <n>'.*0\.1 to 1000/],
      [['water', '--seed', '2147483648'], /'--seed <n>'.*0 to 2147483647/],
      [['water', '--modbus', ':70000'], /'--modbus .*0 to 65535/],
      [['water', '--attack', 'nope'], /--attack nope: Invalid option/],
      [['water', '--pcap-limit', '5'], /--pcap-limit goes with --pcap/]
    ] as const) {
      const { code, stdout, stderr } = await runCommand('simulate', ...words, '--language', 'en')
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(said) })
    }
    const { stderr } = await runCommand('simulate', 'water', '--speed', '0', '--language', 'zh-CN')
    expect(stderr).toContain('应为 0.1 至 1000 的数值')
  })
})
