// Completion scripts for bash, zsh and fish, written from the tree of commands, so that they cannot disagree with it.
import type { Command, Option } from 'commander'
import { UsageFault } from './command-line.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

interface Node {
  /** The words that lead to the command, without the program's own name. */
  path: string
  commands: { name: string; about: string }[]
  options: { flags: string[]; about: string; takes: 'nothing' | 'file' | 'folder' | 'word'; choices: readonly string[] }[]
  /** Words that its first argument may be; 'file' stands for any file. */
  argument: readonly string[] | 'file' | undefined
}

export function completionOf(root: Command, shell: string): string {
  const nodes = nodesOf(root, [])
  if (shell === 'bash') return bash(nodes)
  if (shell === 'zsh') return zsh(nodes)
  if (shell === 'fish') return fish(nodes)
  throw new UsageFault(
    `没有 ${shell} 的补全脚本，可选：${SHELLS.join('、')}`,
    `there is no completion for ${shell}, but for ${SHELLS.join(', ')}`
  )
}

function nodesOf(command: Command, path: readonly string[]): Node[] {
  const help = command.createHelp()
  const commands = help.visibleCommands(command).map((one) => ({ name: one.name(), about: one.description() }))
  const [first] = command.registeredArguments
  const inherited = path.length === 0 ? [] : (ancestorOf(command)?.options ?? [])
  const options = [...help.visibleOptions(command), ...inherited.filter(({ long }) => long !== '--version')].map(optionOf)
  const argument =
    first === undefined ? undefined : /shell/.test(first.name()) ? SHELLS : first.name() === 'file' ? 'file' : first.argChoices
  const own: Node = { path: path.join(' '), commands, options, argument }
  return [own, ...command.commands.flatMap((one) => nodesOf(one, [...path, one.name()]))]
}

function ancestorOf(command: Command): Command | null {
  return command.parent === null ? command : ancestorOf(command.parent)
}

function optionOf(option: Option): Node['options'][number] {
  const flags = [option.long, option.short].filter((flag) => flag !== undefined && flag !== null)
  const place = /[<[](\w+)/.exec(option.flags)?.[1]
  const takes = place === undefined ? 'nothing' : place === 'file' || place === 'folder' ? place : 'word'
  return { flags, about: option.description, takes, choices: option.argChoices ?? [] }
}

// Inside single quotes a shell takes every character as it is, but the quote itself.
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
const takingValue = (node: Node) => node.options.filter(({ takes }) => takes !== 'nothing').flatMap(({ flags }) => flags)

// The words up to the cursor choose the node: options and what they take are left out, unknown words end the way.
function bash(nodes: readonly Node[]): string {
  const paths = nodes.map(({ path }) => `${path.replaceAll(' ', '/')}`).filter((path) => path !== '')
  const values = [...new Set(nodes.flatMap(takingValue))]
  const cases = nodes.map((node) => {
    const words = [...node.commands.map(({ name }) => name), ...(Array.isArray(node.argument) ? node.argument : [])]
    const files = node.argument === 'file' ? ' files=1' : ''
    const flags = node.options.flatMap((option) => option.flags)
    return `    ${quoted(node.path.replaceAll(' ', '/'))}) words=${quoted(words.join(' '))} flags=${quoted(flags.join(' '))}${files} ;;`
  })
  const choices = nodes.flatMap(({ path, options }) =>
    options.flatMap(({ flags, takes, choices }) => {
      const reply = choices.length > 0 ? `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))` : `compopt -o default`
      if (takes === 'nothing') return []
      const done = takes === 'word' && choices.length === 0 ? 'COMPREPLY=()' : reply
      return flags.map((flag) => `    ${quoted(`${path.replaceAll(' ', '/')}:${flag}`)}) ${done}; return ;;`)
    })
  )
  return `# bash completion of penstock
_penstock() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" i word words="" flags="" files=""
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case " ${values.join(' ')} " in *" $word "*) ((i++)); continue ;; esac
    case "$word" in -*) continue ;; esac
    case " ${paths.join(' ')} " in *" \${at:+$at/}$word "*) at="\${at:+$at/}$word" ;; *) break ;; esac
  done
  case "$at:$prev" in
${choices.join('\n')}
  esac
  case "$at" in
${cases.join('\n')}
  esac
  if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n "$words" ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [[ -n "$files" ]]; then compopt -o default
  fi
}
complete -F _penstock penstock
`
}

function zsh(nodes: readonly Node[]): string {
  const text = (about: string) => quoted(about.replace(/[[\]:]/g, '\\$&'))
  const functions = nodes.map((node) => {
    const specs = node.options.map(({ flags, about, takes, choices }) => {
      const value = takes === 'nothing' ? '' : `:value:${choices.length > 0 ? `(${choices.join(' ')})` : takes === 'word' ? '' : '_files'}`
      const only = flags.length > 1 ? `(${flags.join(' ')})` : ''
      return flags.map((flag) => `    ${quoted(only)}${flag}'['${text(about)}']'${quoted(value)}`).join(' \\\n')
    })
    const ways = node.commands.map(({ name }) => `        ${name}) ${functionOf(`${node.path} ${name}`.trim())} ;;`)
    const described = node.commands.map(({ name, about }) => `      ${quoted(`${name}:${about.replaceAll(':', '\\:')}`)}`)
    const argument =
      node.commands.length > 0
        ? `    '1: :->command' '*:: :->rest'`
        : node.argument === 'file'
          ? `    '*:file:_files'`
          : `    '*: :(${(node.argument ?? []).join(' ')})'`
    const body = [...specs, argument].join(' \\\n')
    const rest =
      ways.length === 0
        ? ''
        : `
  case "$state" in
    command)
      local -a commands=(
${described.join('\n')}
      )
      _describe command commands ;;
    rest)
      case "$line[1]" in
${ways.join('\n')}
      esac ;;
  esac`
    return `${functionOf(node.path)}() {
  local state line
  _arguments -C \\
${body}${rest}
}`
  })
  return `#compdef penstock\n${functions.join('\n')}\ncompdef _penstock penstock\n`
}

const functionOf = (path: string) => ['_penstock', ...path.split(' ').filter((word) => word !== '')].join('_')

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, commands, options, argument }) => {
    const when = `-n ${quoted(`__penstock_at ${path === '' ? '' : path}`.trim())}`
    const files = argument === 'file' ? ` -F` : ''
    return [
      ...commands.map(({ name, about }) => `complete -c penstock -f ${when} -a ${name} -d ${quoted(about)}`),
      ...(Array.isArray(argument) ? [`complete -c penstock -f ${when} -a ${quoted(argument.join(' '))}`] : []),
      ...(files === '' ? [] : [`complete -c penstock${files} ${when}`]),
      ...options.map(({ flags, about, takes, choices }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ')
        const value =
          takes === 'nothing' ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takes === 'word' ? ' -x' : ' -r -F'
        return `complete -c penstock ${when} ${names}${value} -d ${quoted(about)}`
      })
    ]
  })
  const values = [...new Set(nodes.flatMap(takingValue))]
  return `# fish completion of penstock
function __penstock_at
  set -l known ${nodes.map(({ path }) => quoted(path)).join(' ')}
  set -l at
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1; set skip 0; continue; end
    if contains -- $word ${values.join(' ')}; set skip 1; continue; end
    string match -q -- '-*' $word; and continue
    contains -- (string join ' ' $at $word) $known; or break
    set -a at $word
  end
  test (string join ' ' $at) = (string join ' ' $argv)
end
complete -c penstock -f
${lines.join('\n')}
`
}
