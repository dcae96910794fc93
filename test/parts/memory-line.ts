// A line in memory that vitest puts in the place of the real ones, for a port whose bytes and time a test has in its hand.
import type { Line, LineEvents } from '../../agent/modbus/line.ts'
import type { Transport } from '../../agent/modbus/transport.ts'

class MemoryLine implements Line {
  readonly written: number[][] = []
  /** How it was closed, each time. */
  readonly closed: boolean[] = []
  readonly gone = Promise.resolve()
  readonly events: LineEvents
  constructor(events: LineEvents) {
    this.events = events
  }
  write(bytes: Buffer): void {
    this.written.push([...bytes])
  }
  close(abrupt: boolean): void {
    this.closed.push(abrupt)
  }
}

/** The line that was opened last. */
export let line: MemoryLine

export function openLine(_transport: Transport, events: LineEvents): Line {
  line = new MemoryLine(events)
  return line
}
