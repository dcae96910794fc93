// The command as people start it: a process of its own, its words, its exit code.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atEnd } from './at-end.ts'
import { temporaryFolder } from './wait.ts'

const program = fileURLToPath(new URL('../../penstock.js', import.meta.url))
const alive = new Set<ChildProcess>()
atEnd(() => {
  for (const child of alive) child.kill('SIGKILL')
})

export interface RunningCommand {
  readonly child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** Resolves to the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>
}

export function startCommand(words: readonly string[], env: NodeJS.ProcessEnv = {}, { into }: { into?: string } = {}): RunningCommand {
  const output = into === undefined ? null : openSync(into, 'w')
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', output ?? 'pipe', 'pipe']
  })
  if (output !== null) closeSync(output)
  alive.add(child)
  const said = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said.stderr += chunk
  })
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => {
      alive.delete(child)
      resolve(code ?? signal)
    })
  })
  return {
    child,
    ended,
    get stdout() {
      return said.stdout
    },
    get stderr() {
      return said.stderr
    }
  }
}

export async function runCommand(...words: string[]): Promise<{ code: number | string | null; stdout: string; stderr: string }> {
  const running = startCommand(words)
  const code = await running.ended
  return { code, stdout: running.stdout, stderr: running.stderr }
}

/** A config of an agent with these devices, in a folder of its own. */
export async function agentFile(devices: readonly object[], more: object = {}): Promise<string> {
  const file = join(await temporaryFolder(), 'agent.yaml')
  const config = {
    agent: 'edge-1',
    site: { id: 'east-water', title: { zh: '东区水厂', en: 'East Waterworks' }, sector: 'water' },
    broker: { url: 'mqtt://127.0.0.1:1' },
    outbox: { file: './data/outbox.db' },
    devices,
    ...more
  }
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  return file
}
