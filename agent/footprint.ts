// Keeps the process small, because an agent shares its box with others; the figures are those of bench/agent-polling.ts.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Below this the optimizing compilers cost more memory (8 MB of Node's own code come into use) than they save time.
const BUSY_SAMPLES_PER_SECOND = 500

export function keepSmall(samplesPerSecond: number): void {
  // Garbage is collected sooner: 140 MB instead of 250 at 10,000 samples a second, for no CPU time that could be measured.
  setFlagsFromString('--memory-saver-mode')
  const busy = samplesPerSecond > BUSY_SAMPLES_PER_SECOND
  setFlagsFromString(busy ? '--opt' : '--no-opt')
  setFlagsFromString(busy ? '--maglev' : '--no-maglev')
}

// Config, schemas and texts of the start are garbage soon after it, and a quiet agent gives V8 no reason to look.
const START_IS_OVER_MS = 10_000

export function collectAfterStart(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, START_IS_OVER_MS).unref()
}
