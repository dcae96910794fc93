// Which processes there are, by their ids: children of one, and whether one still lives.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { atEnd } from '../parts/at-end.ts'

/** proc(5): the second field of stat, a name in brackets, may hold anything; state and parent follow it. */
function statOf(pid: number): { state: string; parent: number } | null {
  try {
    const [state = '', parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { state, parent: Number(parent) }
  } catch {
    // It is gone.
    return null
  }
}

/** A process that has ended and was not waited for yet lives no more. */
export function isAlive(pid: number): boolean {
  const stat = pid > 0 ? statOf(pid) : null
  return stat !== null && stat.state !== 'Z'
}

/** Its children and theirs. */
export function childrenOf(pid: number): number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const own = all.filter((one) => statOf(one)?.parent === pid)
  return own.flatMap((one) => [one, ...childrenOf(one)])
}

export interface RunningScript {
  child: ChildProcess
  readonly stdout: string
  ended: Promise<number | null>
}

/** A TypeScript file as a process of its own. */
export function runScript(file: string): RunningScript {
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  atEnd(() => child.kill('SIGKILL'))
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    ended,
    get stdout() {
      return stdout
    }
  }
}
