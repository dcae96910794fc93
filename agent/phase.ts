// Where in its cadence a device is read, so that neither devices nor the groups of one device wake together.
import { createHash } from 'node:crypto'

// Successive multiples of the golden ratio spread any number of devices evenly over a cadence.
const GOLDEN_RATIO = 0.618_033_988_749_895
const JITTER = 0.05

/** 0 up to 1. The jitter comes from the id alone: it is the same after a restart, and differs between agents of one config. */
export function phaseOf({ id, index, group, groups }: { id: string; index: number; group: number; groups: number }): number {
  const draw = createHash('sha256').update(`${id} ${group}`).digest().readUInt32BE(0) / 0x1_0000_0000
  const phase = index * GOLDEN_RATIO + group / groups + (draw - 0.5) * 2 * JITTER
  return phase - Math.floor(phase)
}
