// Reads the config file again when it is asked to, and has the agent take it over. One reload at a time; what is asked meanwhile is
// one more after it, for the file may have changed since it was read. A fault anywhere leaves everything as it is.
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import type { Log } from '#runtime/log.ts'
import { faultOf } from '#runtime/start-fault.ts'
import type { Agent } from './agent.ts'
import { AgentConfig } from './config.ts'

export interface ReloadOptions {
  file: string
  agent: Pick<Agent, 'prepare'>
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

// A file can be wrong in each of its lines, and change each of its devices.
const MOST_TOLD = 100

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
    const { file, log, taken } = this.#options
    log.info({ file }, 'Reading the configuration again.')
    const ready = await this.#read()
    // What goes wrong from here on is a fault of ours, and ends the process.
    const outcome = await ready?.take?.()
    if (ready === undefined) return
    if (outcome === undefined) {
      log.info('The agent is stopping; the configuration is not taken over.')
      return
    }
    taken?.(ready.config)
    this.#count('taken')
    for (const setting of outcome.needRestart) log.warn({ setting }, 'This setting needs a restart; the agent goes on with what it had.')
    const { kept, stopped, started } = outcome
    log.info({ hash: ready.hash, kept: kept.size, stopped: named(stopped), started: named(started) }, 'The configuration is taken over.')
  }

  // Undefined when it is refused, which is told.
  async #read() {
    const { file, agent } = this.#options
    try {
      // Logs are in English.
      const { config, hash } = await readConfig({ file, schema: AgentConfig, language: 'en' })
      return { config, hash, take: await agent.prepare({ config, hash }) }
    } catch (error) {
      const faults = faultsOf(error)
      if (faults === undefined) throw error
      this.#count('refused')
      this.#tell(faults)
      return undefined
    }
  }

  #tell(faults: readonly string[]): void {
    const { log, file } = this.#options
    for (const fault of faults.slice(0, MOST_TOLD)) log.error({ fault }, 'A fault of the configuration.')
    log.error({ file, faults: faults.length }, 'The configuration is not taken over; the agent goes on with the one it has.')
  }

  #count(outcome: 'taken' | 'refused'): void {
    this.#counts = { ...this.#counts, [outcome]: this.#counts[outcome] + 1, last: { at: Date.now(), outcome } }
  }
}

const named = (ids: ReadonlySet<string>): string[] => [...ids].slice(0, MOST_TOLD)

// Each with its place: file:line:column for what stands in a file of the config. Undefined for what is neither a fault of the files
// nor one of the machine.
function faultsOf(error: unknown): string[] | undefined {
  if (error instanceof ConfigFault) return error.message.split('\n')
  if (!(error instanceof AggregateError)) {
    const told = faultOf(error, 'en')
    return told === undefined ? undefined : [told.text]
  }
  const faults = error.errors.map(faultsOf)
  return faults.includes(undefined) ? undefined : faults.flatMap((fault) => fault ?? [])
}
