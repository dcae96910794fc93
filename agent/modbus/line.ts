// What bytes of Modbus travel on: a TCP connection or a serial port. Only port.ts writes to one, after its guard.
import type { ModbusFault } from './fault.ts'
import { serialLine } from './serial-line.ts'
import { tcpLine } from './tcp-line.ts'
import type { Transport } from './transport.ts'

export interface Line {
  write(bytes: Buffer): void
  /** Nothing is waited for; `abrupt` when something is wrong with the peer. Once. */
  close(abrupt: boolean): void
  /** Resolves when the connection is gone and another may take its place; within a bounded time after close. */
  readonly gone: Promise<void>
}

/** What becomes of a line. `ended` may come before `opened`, and comes at most once. */
export interface LineEvents {
  opened(): void
  bytes(chunk: Buffer): void
  ended(fault: ModbusFault): void
}

export function openLine(transport: Transport, events: LineEvents): Line {
  return transport.over === 'tcp' ? tcpLine(transport, events) : serialLine(transport, events)
}
