// The command line as a whole: both languages, exit codes, JSON, and that a part loads nothing it does not need.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { beforeAll, describe, expect, it } from 'vitest'
import { CheckResult, CommandFault, PlanResult } from '../agent/commands/results.ts'
import { buildProgram } from '../penstock.ts'
import { agentFile, runCommand, startCommand } from './parts/command.ts'
import { temporaryFolder } from './parts/wait.ts'

const device = { id: 'plc-1', protocol: 'modbus-tcp', host: '127.0.0.1', tags: [{ name: 't', at: 'holding 7 int32' }] }
const programs: Record<'zh-CN' | 'en', Command | undefined> = { 'zh-CN': undefined, en: undefined }

beforeAll(async () => {
  programs['zh-CN'] = await buildProgram('zh-CN')
  programs.en = await buildProgram('en')
})

const all = (command: Command | undefined): Command[] => (command === undefined ? [] : [command, ...command.commands.flatMap(all)])
const pathOf = (command: Command): string => (command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`)

describe('help', () => {
  it('speaks Chinese everywhere, and no English but names', () => {
    for (const command of all(programs['zh-CN'])) {
      const help = command.helpInformation()
      expect(help, pathOf(command)).not.toMatch(/Usage:|Options:|Commands:|Arguments:|\(default:|\(choices:|print help/)
      for (const { description, flags } of command.options) expect(description, `${pathOf(command)} ${flags}`).toMatch(/\p{Script=Han}/u)
      if (command.parent !== null) expect(command.description(), pathOf(command)).toMatch(/\p{Script=Han}/u)
      if (pathOf(command).startsWith(' agent'))
        for (const argument of command.registeredArguments.filter((one) => one.name() !== 'word'))
          expect(argument.description, pathOf(command)).toMatch(/\p{Script=Han}/u)
    }
  })

  it('may be read by somebody who goes away', async () => {
    const help = startCommand(['simulate', 'run', '--help'])
    help.child.stdout?.destroy()
    expect(await help.ended).toBe(0)
    expect(help.stderr).toBe('')
  })

  it('has the same commands, options and defaults in both languages', () => {
    const shape = (program: Command | undefined) =>
      all(program).map((command) => [pathOf(command), command.options.map(({ flags, defaultValue }) => [flags, defaultValue])])
    expect(shape(programs['zh-CN'])).toEqual(shape(programs.en))
  })

  it('offers the commands of the agent', () => {
    const agent = programs.en?.commands.find((one) => one.name() === 'agent')
    const names = ['run', 'check', 'plan', 'once', 'watch', 'browse', 'identify', 'trust', 'decode', 'import', 'doctor', 'completion']
    expect(agent?.commands.map((one) => one.name())).toEqual(names)
  })
})

describe('faults of usage', () => {
  it.each([
    [['agent', 'once', '-c', 'x', '--frobnicate'], '错误：未知选项 --frobnicate'],
    [['agent', 'onec'], '错误：未知命令 onec'],
    [['collector'], '错误：须给出选项 -c, --config <file>'],
    [['agent', 'trust', 'acept'], '错误：未知命令 acept'],
    [['agent', 'once'], '错误：须给出选项 -c, --config <file>'],
    [['agent', 'once', '-c'], '错误：选项 -c, --config <file> 缺少取值'],
    [['agent', 'identify', '-c', 'x'], '错误：缺少参数 <device>'],
    [['agent', 'decode', '--like', 'much', '00'], '错误：选项 --like <value> 的取值 much 无效：应为数值。'],
    [['agent', 'import', 'x', '--from', 'excel'], '错误：选项 --from <format> 的取值 excel 无效，可选：csv, telegraf, neuron, kepware。'],
    [['agent', 'completion', 'bash', 'zsh'], '错误：completion 的参数过多，应为 1 个，实为 2 个：bash, zsh。'],
    [['agent', 'completion', 'csh'], '没有 csh 的补全脚本，可选：bash、zsh、fish'],
    [['demo', '--port', '70000'], '错误：选项 --port <port> 的取值 70000 无效：应为 0 至 65535 的整数。']
  ])('%j', { timeout: 30_000 }, async (words, wanted) => {
    const { code, stdout, stderr } = await runCommand('--language', 'zh-CN', ...words)
    expect(stderr).toContain(wanted)
    expect(stderr).not.toMatch(/error:|invalid|missing/)
    expect([code, stdout]).toEqual([2, ''])
  })

  it('are told in English too, with a hint', async () => {
    const { code, stderr } = await runCommand('--language', 'en', 'agent', 'once', '-c', 'x', '--devise', 'y')
    expect(stderr).toMatch(/^error: unknown option '--devise'\n\(Did you mean --device\?\)\n\(--help tells more\)/)
    expect(code).toBe(2)
  })
})

describe('exit codes and JSON', () => {
  it('0 and a document of the shape that is promised', async () => {
    const file = await agentFile([device])
    const check = await runCommand('agent', 'check', '-c', file, '--json')
    expect(CheckResult.parse(JSON.parse(check.stdout))).toMatchObject({ ok: true, agent: 'edge-1', devices: 1, tags: 1 })
    const plan = await runCommand('agent', 'plan', '-c', file, '--json')
    const [planned] = PlanResult.parse(JSON.parse(plan.stdout)).devices
    expect(planned?.requests).toMatchObject([
      { functionCode: 3, from: 7, to: 8, numbers: ['400008', '400009'], requestBytes: 12, replyBytes: 13 }
    ])
    expect([check.code, plan.code]).toEqual([0, 0])
  })

  it('78 for a broken config, with every fault in its place', async () => {
    const file = await agentFile([{ ...device, prot: 1 }])
    const { code, stdout, stderr } = await runCommand('--language', 'en', 'agent', 'check', '-c', file, '--json')
    expect(CommandFault.parse(JSON.parse(stdout)).fault).toMatchObject({
      code: 'CONFIG_FAULT',
      faults: [{ file, line: 1, message: 'unknown key "prot"' }]
    })
    expect(stderr).toContain('unknown key "prot"')
    expect(code).toBe(78)
  })

  it('1 for a device that cannot be reached', async () => {
    const file = await agentFile([{ ...device, port: 1 }])
    const { code, stdout } = await runCommand('agent', 'once', '-c', file, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ good: 0, bad: 1, readings: [{ qualityName: 'BadNotConnected' }] })
    expect(code).toBe(1)
  })

  it('0 for help and version', async () => {
    expect((await runCommand('--version')).code).toBe(0)
    expect((await runCommand('agent', 'once', '--help')).code).toBe(0)
    expect((await runCommand()).code).toBe(2)
  })
})

// Which files were loaded, told by a resolve hook in the process itself.
const HOOKS = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({ resolve: (specifier, context, next) => {
  const found = next(specifier, context)
  loaded.add(found.url)
  return found
} })
process.on('exit', () => process.stderr.write(JSON.stringify([...loaded])))`

describe('what is loaded', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  async function loadedBy(...words: string[]): Promise<string> {
    const hooks = join(await temporaryFolder(), 'hooks.mjs')
    await writeFile(hooks, HOOKS)
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', hooks, join(root, 'penstock.js'), ...words])
    return stderr
  }

  it('is next to nothing for help', async () => {
    const loaded = await loadedBy('--help')
    expect(loaded).toContain('/commander/')
    expect(loaded).not.toMatch(
      /node_modules\/(zod|yaml|pino|mqtt|modbus-serial|node-opcua|fastify)\/|agent\/|collector\/|simulators\/|pki\//
    )
  })

  it('is what a command needs, and no more', async () => {
    const decode = await loadedBy('agent', 'decode', '41AC0000')
    expect(decode).toContain('agent/modbus/registers.ts')
    expect(decode).not.toMatch(
      /node_modules\/(yaml|pino|mqtt|modbus-serial|node-opcua|fastify|csv-parse|smol-toml)\/|collector\/|simulators\//
    )
    const file = await agentFile([device])
    const plan = await loadedBy('agent', 'plan', '-c', file)
    expect(plan).not.toMatch(
      /node_modules\/(pino|mqtt|modbus-serial|node-opcua|csv-parse|smol-toml)\/|collector\/|simulators\/|agent\/import\//
    )
    // A check leaves the compiled code of the agent behind for the start that follows it; nothing else.
    const check = await loadedBy('agent', 'check', '-c', file)
    expect(check).toContain('agent/main.ts')
    expect(check).not.toMatch(/node_modules\/(node-opcua|csv-parse|smol-toml)\/|collector\/|simulators\/|agent\/import\//)
  })
})
