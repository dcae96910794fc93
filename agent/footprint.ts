// Keeps the process small, because an agent shares its box with others; the figures are those of bench/agent-polling.ts.
import { setFlagsFromString } from 'node:v8'

// Below this the optimizing compilers cost more memory (8 MB of Node's own code come into use) than they save time.
const BUSY_SAMPLES_PER_SECOND = 500

export function keepSmall(samplesPerSecond: number): void {
  // Garbage is collected sooner: 140 MB instead of 250 at 10,000 samples a second, for no CPU time that could be measured.
  setFlagsFromString('--memory-saver-mode')
  const busy = samplesPerSecond > BUSY_SAMPLES_PER_SECOND
  setFlagsFromString(busy ? '--opt' : '--no-opt')
  setFlagsFromString(busy ? '--maglev' : '--no-maglev')
}
