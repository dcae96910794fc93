// Starts the parts of a process in order and stops them in reverse, by signal or by word, within a deadline.
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.ts'

export interface Part {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

export interface Running {
  /** Stops everything; a second call waits for the same stop. Never rejects: what fails is logged. */
  stop(reason: string): Promise<void>
  /** Resolves when all parts have stopped or the deadline has passed. */
  readonly stopped: Promise<void>
}

export interface RunOptions {
  parts: readonly Part[]
  log: Log
  /** Called for each SIGHUP while everything runs; one that comes during the start waits for its end. Must not reject. */
  reload?: () => Promise<void>
  /** For the whole stop, all parts together. */
  deadlineMs?: number
  /** False inside tests and other programs: signals and uncaught exceptions are then left alone, and the process is never ended. */
  signals?: boolean
}

export async function runParts({ parts, log, reload, deadlineMs = 10_000, signals = true }: RunOptions): Promise<Running> {
  const life = new Life(log, deadlineMs, reload)
  if (signals) life.listen()
  await life.start(parts)
  return life
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

class Life implements Running {
  readonly #log: Log
  readonly #deadlineMs: number
  readonly #reload: (() => Promise<void>) | undefined
  readonly #hadTerminal = hasTerminal()
  readonly #started: Part[] = []
  readonly #stopped = Promise.withResolvers<void>()
  #starting: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #clean = true
  #hasStarted = false
  #hangUps = 0

  constructor(log: Log, deadlineMs: number, reload?: () => Promise<void>) {
    this.#log = log
    this.#deadlineMs = deadlineMs
    this.#reload = reload
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  async start(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      if (this.#stopping !== undefined) return
      const begin = performance.now()
      const start = Promise.try(() => part.start())
      this.#starting = start.catch(() => undefined)
      try {
        await start
      } catch (error) {
        await this.stop(`${part.name} did not start`)
        throw error
      }
      this.#started.push(part)
      this.#log.debug({ part: part.name, ms: Math.round(performance.now() - begin) }, 'A part has started.')
    }
    this.#hasStarted = true
    if (this.#hangUps > 0) this.#reloadNow()
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stopAll(reason)
    return this.#stopping
  }

  async #stopAll(reason: string): Promise<void> {
    const deadline = performance.now() + this.#deadlineMs
    this.#log.info({ reason }, 'Stopping.')
    await this.#inTime(this.#starting, deadline, 'starting')
    for (const part of this.#started.toReversed()) {
      // Behind a part that hangs the others are still told to stop, but nobody waits for them.
      const stop = Promise.try(() => part.stop()).catch((err: unknown) => {
        this.#clean = false
        this.#log.error({ err, part: part.name }, 'A part failed to stop.')
      })
      await this.#inTime(stop, deadline, part.name)
    }
    for (const signal of SIGNALS) process.off(signal, this.#onSignal)
    process.off('SIGHUP', this.#onHangUp)
    process.off('uncaughtException', this.#onFault)
    this.#log.info('Stopped.')
    this.#stopped.resolve()
  }

  async #inTime(work: Promise<void>, deadline: number, part: string): Promise<void> {
    const left = deadline - performance.now()
    if (left <= 0) return
    const timer = new AbortController()
    const late = sleep(left, true, { signal: timer.signal }).catch(() => false)
    const isLate = await Promise.race([work.then(() => false), late])
    timer.abort()
    if (!isLate) return
    this.#clean = false
    this.#log.error({ part, deadlineMs: this.#deadlineMs }, 'A part did not stop in time.')
  }

  listen(): void {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal)
    // Windows says it when the console is closed, and means that the process shall end.
    if (this.#reload !== undefined && process.platform !== 'win32') process.on('SIGHUP', this.#onHangUp)
    process.on('uncaughtException', this.#onFault)
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#stopping !== undefined) {
      this.#log.warn({ signal }, 'Ending at once, as asked a second time.')
      process.exit(1)
    }
    void this.stop(signal).then(() => this.#end(this.#clean ? 0 : 1))
  }

  readonly #onHangUp = (signal: NodeJS.Signals): void => {
    if (this.#stopping !== undefined) this.#log.info({ signal }, 'Nothing is read again while stopping.')
    // Somebody closed the window that this was started in. Nobody would know that it goes on.
    else if (this.#hadTerminal && !hasTerminal()) void this.stop('the terminal is gone').then(() => this.#end(this.#clean ? 0 : 1))
    else if (this.#hasStarted) this.#reloadNow()
    else this.#hangUps++
  }

  #reloadNow(): void {
    if (this.#stopping === undefined) this.#reload?.().catch((error: unknown) => this.#onFault(error, 'reload'))
  }

  // Unhandled rejections come here too. Whatever it is, our own state can no longer be trusted: stop, and let the supervisor restart.
  readonly #onFault = (err: unknown, origin: string): void => {
    this.#log.fatal({ err, origin }, 'A fault of Penstock itself; ending.')
    void this.stop('a fault').then(() => process.exit(1))
  }

  // The process ends by itself when nothing is left to do; a forgotten socket or child shall not keep it.
  #end(code: number): void {
    if (code !== 0) process.exit(code)
    setTimeout(() => process.exit(), 500).unref()
  }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    // A service has none.
    return false
  }
}
