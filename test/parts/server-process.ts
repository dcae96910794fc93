// A real server as a child process: started until it answers, killed, started again at the same place, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { atEnd } from './at-end.ts'

const alive = new Set<ChildProcess>()
atEnd(() => {
  for (const child of alive) child.kill('SIGKILL')
})

export interface ServerOptions {
  command: string
  arguments: readonly string[]
  /** Throws or gives false until the server answers. */
  answers: () => Promise<boolean>
  timeoutMs?: number
}

export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | undefined
  #output = ''

  constructor(options: ServerOptions) {
    this.#options = options
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error(`${this.#options.command} is not running`)
    return pid
  }

  /** The last lines that the server wrote. */
  get output(): string {
    return this.#output
  }

  async start(): Promise<void> {
    const { command, answers, timeoutMs = 20_000 } = this.#options
    const child = spawn(command, this.#options.arguments, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    alive.add(child)
    let failure: Error | undefined
    child.once('error', (error) => {
      failure = error
    })
    child.once('exit', () => alive.delete(child))
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-8000)
      })
    const deadline = performance.now() + timeoutMs
    while (!(await answers().catch(() => false))) {
      if (failure !== undefined) throw failure
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command} ended at once:\n${this.#output}`)
      if (performance.now() > deadline) {
        await this.kill('SIGKILL')
        throw new Error(`${command} did not answer within ${timeoutMs} ms:\n${this.#output}`)
      }
      await sleep(15)
    }
    // Another process may answer on the same port while ours is just failing to bind it.
    await sleep(0)
    if (child.exitCode !== null) throw new Error(`${command} ended at once:\n${this.#output}`)
  }

  /** Resolves when the process is gone, at once when it already is. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(timer)
  }

  async restart(): Promise<void> {
    await this.kill('SIGTERM')
    await this.start()
  }
}
