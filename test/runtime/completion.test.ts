// Completion scripts: real bash completes what the tree of commands holds; those of zsh and fish name all of it.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { beforeAll, describe, expect, it } from 'vitest'
import { completionOf } from '#runtime/completion.ts'
import { buildProgram } from '../../penstock.ts'
import { temporaryFolder } from '../parts/wait.ts'

let program: Command
let folder = ''

beforeAll(async () => {
  program = await buildProgram('en')
  folder = await temporaryFolder()
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(join(folder, shell), completionOf(program, shell))
  writeFileSync(join(folder, 'agent.yaml'), '')
  mkdirSync(join(folder, 'agents'))
})

// Bash itself is asked: what it would offer for the words, the last of them under the cursor.
function offered(...words: string[]): string[] {
  const line = ['penstock', ...words]
  const script = `source ${join(folder, 'bash')}
compopt() { [ "$1 $2" = "-o default" ] && FOUND=1; }
COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}
_penstock; printf '%s\\n' "\${COMPREPLY[@]}"; [ -n "$FOUND" ] && echo FILES; true`
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
    .sort()
}

describe('bash', () => {
  it('offers parts, then commands, then options', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['agent', 'collector', 'demo', 'simulate']))
    expect(offered('ag')).toEqual(['agent'])
    expect(offered('agent', 'o')).toEqual(['once'])
    expect(offered('agent', 'trust', '')).toEqual(expect.arrayContaining(['accept', 'list', 'reject']))
    expect(offered('agent', 'once', '--r')).toEqual(['--raw'])
    expect(offered('agent', 'once', '--')).toEqual(
      expect.arrayContaining(['--config', '--device', '--json', '--language', '--tag', '--timeout'])
    )
  })

  it('offers values where they are known, and files where one is wanted', () => {
    expect(offered('agent', 'import', 'x.csv', '--from', 'k')).toEqual(['kepware'])
    expect(offered('--language', 'zh')).toEqual(['zh-CN'])
    expect(offered('agent', 'completion', '')).toEqual(['bash', 'fish', 'zsh'])
    expect(offered('agent', 'once', '-c', '')).toEqual(['FILES'])
    expect(offered('agent', 'import', '')).toEqual(['FILES'])
    expect(offered('agent', 'decode', '--like', '')).toEqual([])
  })

  it('is not led astray by the values of options', () => {
    expect(offered('--language', 'en', 'agent', 'on')).toEqual(['once'])
    expect(offered('agent', 'once', '-c', 'watch', '--ra')).toEqual(['--raw'])
    expect(offered('nonsense', 'agent', '--')).toEqual(offered('--'))
  })

  it('is registered, and knows every command and option', () => {
    const registered = execFileSync('bash', ['--norc', '-c', `source ${join(folder, 'bash')}; complete -p penstock`], { encoding: 'utf8' })
    expect(registered.trim()).toBe('complete -F _penstock penstock')
    const walk = (command: Command, path: string[]): void => {
      const long = command.options.flatMap((option) => (option.long ? [option.long] : []))
      expect(offered(...path, '--'), path.join(' ')).toEqual(expect.arrayContaining([...long, '--help']))
      const names = command.commands.map((one) => one.name())
      if (names.length > 0) expect(offered(...path, '')).toEqual(expect.arrayContaining(names))
      for (const one of command.commands.filter(({ commands }) => commands.length > 0 || path.length === 0))
        walk(one, [...path, one.name()])
    }
    walk(program, [])
  })
})

describe.each(['zsh', 'fish'])('%s', (shell) => {
  it('names every command and option, with balanced quotes', () => {
    const script = completionOf(program, shell)
    const walk = (command: Command): void => {
      for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long)
      for (const one of command.commands) {
        expect(script).toContain(one.name())
        walk(one)
      }
    }
    walk(program)
    for (const line of script.split('\n')) expect((line.replaceAll("'\\''", '').match(/'/g) ?? []).length % 2, line).toBe(0)
  })

  it('is taken by the shell, where there is one', () => {
    const checked = spawnSync(shell, ['-n', join(folder, shell)], { encoding: 'utf8' })
    const missing = checked.error !== undefined && 'code' in checked.error && checked.error.code === 'ENOENT'
    expect(missing || checked.status === 0, checked.stderr ?? '').toBe(true)
  })
})
