// Counts, over all devices, which requests were sent: the proof on the page that nothing but reads ever left an agent.
import type { DeviceHealth } from '#contract/agent-status.ts'

// Modbus functions 1 to 4 and the OPC UA services that read; all else could change something.
const READS: ReadonlySet<string> = new Set(['1', '2', '3', '4', 'Read', 'Browse', 'BrowseNext', 'Publish', 'HistoryRead'])

export interface Proof {
  reads: number
  others: number
  refused: number
  functions: string[]
}

export function proofOf(devices: readonly DeviceHealth[]): Proof | null {
  if (devices.length === 0) return null
  const proof: Proof = { reads: 0, others: 0, refused: 0, functions: [] }
  for (const { requests, refused } of devices) {
    proof.refused += refused
    for (const [name, count] of Object.entries(requests)) {
      if (count === 0) continue
      if (READS.has(name)) proof.reads += count
      else proof.others += count
      if (!proof.functions.includes(name)) proof.functions.push(name)
    }
  }
  proof.functions.sort()
  return proof
}
