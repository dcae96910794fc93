// What a disk says that takes nothing now, told apart from a fault.

/** The disk takes nothing now; trying again later may help. */
export class OutboxFull extends Error {
  readonly code = 'OUTBOX_FULL'
  constructor(cause: unknown) {
    super(`the outbox cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'OutboxFull'
  }
}

// SQLite result codes that pass by themselves: busy, read-only, I/O error, full, cannot open. All others are faults of ours or
// of the file, and stop the agent; its next start sets a damaged file aside.
const PASSING = new Set([5, 8, 10, 13, 14])

export function whenFull(error: unknown): unknown {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return PASSING.has(code) ? new OutboxFull(error) : error
}
