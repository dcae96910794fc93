// Reads the config file again when it is asked to, and has the agent take it over. One reload at a time; what is asked meanwhile is
// one more after it, for the file may have changed since it was read. A fault anywhere leaves everything as it is.
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import type { Log } from '#runtime/log.ts'
import type { Agent } from './agent.ts'
import { AgentConfig } from './config.ts'

export interface ReloadOptions {
  file: string
  agent: Pick<Agent, 'reload'>
  log: Log
  /** Told of each config that was taken over. */
  taken?: (config: AgentConfig) => void
}

export interface ReloadCounts {
  taken: number
  refused: number
  /** When the last one ended and how; null before the first. */
  last: { at: number; outcome: 'taken' | 'refused' } | null
}

// A file can be wrong in each of its lines.
const MOST_FAULTS_TOLD = 100

export class Reload {
  readonly #options: ReloadOptions
  #counts: ReloadCounts = { taken: 0, refused: 0, last: null }
  #running: Promise<void> | undefined
  #again = false

  constructor(options: ReloadOptions) {
    this.#options = options
  }

  get counts(): ReloadCounts {
    return this.#counts
  }

  /** Resolves when a file that was read after this call has been taken over or refused. */
  async ask(): Promise<void> {
    if (this.#running === undefined) this.#running = this.#reloadAll()
    else this.#again = true
    await this.#running
  }

  async #reloadAll(): Promise<void> {
    try {
      do {
        this.#again = false
        await this.#reload()
      } while (this.#again)
    } finally {
      this.#running = undefined
    }
  }

  async #reload(): Promise<void> {
    const { file, agent, log, taken } = this.#options
    log.info({ file }, 'Reading the configuration again.')
    try {
      // Logs are in English.
      const { config, hash } = await readConfig({ file, schema: AgentConfig, language: 'en' })
      const outcome = await agent.reload({ config, hash })
      if (outcome === undefined) {
        log.info('The agent is stopping; the configuration is not taken over.')
        return
      }
      taken?.(config)
      this.#count('taken')
      for (const setting of outcome.needRestart) log.warn({ setting }, 'This setting needs a restart; the agent goes on with what it had.')
      const { kept, stopped, started } = outcome
      log.info({ hash, kept: kept.size, stopped: [...stopped], started: [...started] }, 'The configuration is taken over.')
    } catch (error) {
      // What is no fault of the file or of the machine is one of ours, and ends the process.
      if (!isExpected(error)) throw error
      this.#count('refused')
      this.#tell(error)
    }
  }

  #tell(error: Error): void {
    const { log, file } = this.#options
    const faults = faultsOf(error)
    for (const fault of faults.slice(0, MOST_FAULTS_TOLD)) log.error({ fault }, 'A fault of the configuration.')
    log.error({ file, faults: faults.length }, 'The configuration is not taken over; the agent goes on with the one it has.')
  }

  #count(outcome: 'taken' | 'refused'): void {
    this.#counts = { ...this.#counts, [outcome]: this.#counts[outcome] + 1, last: { at: Date.now(), outcome } }
  }
}

// Each with its place: file:line:column for what stands in a file of the config.
function faultsOf(error: Error): string[] {
  if (error instanceof ConfigFault) return error.message.split('\n')
  if (error instanceof AggregateError) return error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)))
  return [error.message]
}

// Config and secrets carry an exit code, the machine an error code.
function isExpected(error: unknown): error is Error {
  if (error instanceof AggregateError) return error.errors.every(isExpected)
  return error instanceof Error && 'code' in error
}
