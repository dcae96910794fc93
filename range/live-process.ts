// A process of a live run: what it says goes into a file, a line of it tells that it is ready, and it never outlives the run.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Text } from '#contract/text.ts'
import { EXIT } from '#runtime/command-line.ts'

const READY_WITHIN_MS = 60_000
const GONE_WITHIN_MS = 10_000
const MOST_SAID = 4000

/** A part of a live run that could not start or ended by itself. */
export class LiveFault extends Error {
  readonly code = 'LIVE_FAULT'
  readonly exitCode = EXIT.trouble
  readonly text: Text
  constructor(text: Text, options?: ErrorOptions) {
    super(text.en, options)
    this.name = 'LiveFault'
    this.text = text
  }
}

const alive = new Set<ChildProcess>()
// However this process ends, by a second Ctrl-C too, nothing of a run stays behind.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export interface LiveProcessOptions {
  name: string
  command: string
  words: readonly string[]
  log: string
  /** Called when it ends and nobody asked it to. */
  onLost: (fault: LiveFault) => void
}

export class LiveProcess implements AsyncDisposable {
  readonly #options: LiveProcessOptions
  #child: ChildProcess | undefined
  #asked = false
  #said = ''

  constructor(options: LiveProcessOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Starts it and waits until it has said all that is looked for, which is given back in that order. */
  async start(looked: readonly RegExp[], signal: AbortSignal): Promise<RegExpExecArray[]> {
    signal.throwIfAborted()
    const { command, words, log } = this.#options
    this.#asked = false
    this.#said = ''
    const file = createWriteStream(log, { flags: 'a' })
    // A full disk is told by the part that needs it.
    file.on('error', () => {})
    // In a group of its own: a Ctrl-C of the terminal reaches this process alone, which ends the others in their order.
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    this.#child = child
    alive.add(child)
    const found = new Map<RegExp, RegExpExecArray>()
    const ready = Promise.withResolvers<void>()
    const hear = (line: string) => {
      for (const pattern of looked) {
        const match = found.has(pattern) ? null : pattern.exec(line)
        if (match !== null) found.set(pattern, match)
      }
      if (found.size === looked.length) ready.resolve()
    }
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) this.#listen(stream, file, hear)
    child.once('error', (cause) => this.#ended(ready.reject, cause))
    child.once('close', () => {
      alive.delete(child)
      file.end()
      if (this.#child === child) this.#ended(ready.reject)
    })
    const late = AbortSignal.timeout(READY_WITHIN_MS)
    const stop = AbortSignal.any([signal, late])
    const stopped = () => ready.reject(signal.aborted ? signal.reason : this.#fault({ zh: '未按时就绪', en: 'was not ready in time' }))
    stop.addEventListener('abort', stopped, { once: true })
    try {
      await ready.promise
    } catch (error) {
      await this.end('SIGKILL')
      throw error
    } finally {
      stop.removeEventListener('abort', stopped)
    }
    return looked.map((pattern) => found.get(pattern) ?? pattern.exec('')).filter((match) => match !== null)
  }

  tell(signal: NodeJS.Signals): void {
    if (this.running) this.#child?.kill(signal)
  }

  /** Resolves when it is gone; one that takes too long is killed. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#asked = true
    if (child?.pid === undefined || !this.running) return
    const gone = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), GONE_WITHIN_MS)
    await gone
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #listen(stream: NodeJS.ReadableStream, file: WriteStream, hear: (line: string) => void): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#said = `${this.#said}${line}\n`.slice(-MOST_SAID)
      if (file.writable) file.write(`${line}\n`)
      hear(line)
    })
  }

  #ended(reject: (fault: unknown) => void, cause?: Error): void {
    const fault = this.#fault(this.#asked ? { zh: '已被结束', en: 'was ended' } : { zh: '已自行退出', en: 'has ended by itself' }, cause)
    // Whoever still waits for it to be ready waits no longer.
    reject(fault)
    if (!this.#asked) this.#options.onLost(fault)
  }

  #fault({ zh, en }: Text, cause?: Error): LiveFault {
    const { name, log } = this.#options
    const said = cause?.message ?? this.#said.trim().split('\n').slice(-3).join('\n')
    const options = cause === undefined ? {} : { cause }
    return new LiveFault({ zh: `${name} ${zh}；日志：${log}\n${said}`, en: `the ${name} ${en}; its log: ${log}\n${said}` }, options)
  }
}
