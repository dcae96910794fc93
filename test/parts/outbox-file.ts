// Outboxes on a real disk: opened at a fixed time, filled with samples, and closed after each test.
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { decode } from '#contract/codec.ts'
import { quietLog } from '#runtime/log.ts'
import { Columns } from '../../agent/publish/columns.ts'
import { type Outbox, type OutboxOptions, openOutbox, type StoredMessage } from '../../agent/publish/outbox.ts'
import { temporaryFolder } from './wait.ts'

const open: Outbox[] = []
afterEach(() => {
  for (const outbox of open.splice(0)) outbox.close()
})

export const T = 1_700_000_000_000

export async function freshFile(): Promise<string> {
  return join(await temporaryFolder(), 'outbox.db')
}

export function openAt(file: string, options: Partial<OutboxOptions> = {}): Outbox {
  const outbox = openOutbox({
    file,
    site: 'east',
    agent: 'edge-1',
    maxBytes: 64 << 20,
    maxAgeMs: 3_600_000,
    log: quietLog(),
    now: () => T,
    ...options
  })
  open.push(outbox)
  return outbox
}

export function close(outbox: Outbox): void {
  open.splice(open.indexOf(outbox), 1)
  outbox.close()
}

export function samples(from: number, count = 3): Columns {
  const columns = new Columns(1000)
  for (let i = 0; i < count; i++) columns.add(1 + i, from + i, from % 1000, 0)
  return columns
}

// Values that no compression makes small.
export function noise(from: number, count: number): Columns {
  const columns = new Columns(1000)
  for (let i = 0; i < count; i++) columns.add(1 + i, from + i, Math.random(), 0)
  return columns
}

export const read = (message: StoredMessage) =>
  message.kind === 'gap' ? decode('gap', message.payload) : decode('samples', message.payload)
