// Waiting for conditions instead of for time, free ports, and folders that vanish with the test process.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { atEnd } from './at-end.ts'

/** Resolves to the first truthy result of the condition; a condition that throws counts as not yet. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 15_000, everyMs = 10 }: { what: string; timeoutMs?: number; everyMs?: number }
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const result = await condition()
      if (result) return result
      last = result
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}; last: ${String(last)}`, { cause: last })
    await sleep(everyMs)
  }
}

/** A port that was free a moment ago; whoever listens on it may still lose the race and should try another. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the listening socket has no port')
  return address.port
}

const folders = new Set<string>()
atEnd(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-test-'))
  folders.add(folder)
  return folder
}
