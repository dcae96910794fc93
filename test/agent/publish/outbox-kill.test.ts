// An agent's outbox is killed with SIGKILL at random moments; whatever it had promised is there when it opens again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { decode } from '#contract/codec.ts'
import { quietLog } from '#runtime/log.ts'
import { openOutbox } from '../../../agent/publish/outbox.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const PROGRAM = join(import.meta.dirname, 'outbox-writer.ts')
const KILLS = 10

// Starts the writer, kills it some time after its first word, and gives the positions that it said were on disk.
async function writeUntilKilled(file: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  const speaking = once(child.stdout, 'data')
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await speaking
  await sleep(afterMs)
  const gone = once(child, 'close')
  child.kill('SIGKILL')
  await gone
  // The last line may be cut off.
  return output.split('\n').slice(0, -1)
}

// Two at a time, each with a file of its own, only to be quicker.
it.concurrent.each([1, 2])(
  'loses nothing that was put in, ten times over (%i)',
  async () => {
    const file = join(await temporaryFolder(), 'outbox.db')
    const promised: string[] = []
    for (let kill = 0; kill < KILLS; kill++) promised.push(...(await writeUntilKilled(file, Math.random() * 60)))

    const outbox = openOutbox({ file, site: 'east', agent: 'edge-1', maxBytes: 1 << 30, maxAgeMs: 3.6e6, log: quietLog() })
    const messages = outbox.after(null, 1_000_000).map((message) => decode('samples', message.payload))
    const kept = new Set(messages.map(({ boot, sequence }) => `${boot} ${sequence}`))
    expect(promised.length).toBeGreaterThan(KILLS)
    expect(promised.filter((position) => !kept.has(position))).toEqual([])

    // No hole in any boot, and each boot says what it follows.
    for (const [i, { boot, sequence, follows }] of messages.entries()) {
      const before = messages[i - 1]
      if (before?.boot === boot) expect(sequence).toBe(before.sequence + 1)
      else
        expect({ sequence, follows }).toEqual({
          sequence: 1,
          follows: before === undefined ? null : { boot: before.boot, sequence: before.sequence }
        })
    }
    expect(outbox.last).toMatchObject({ boot: messages.at(-1)?.boot, sequence: messages.at(-1)?.sequence })
    outbox.close()
  },
  60_000
)
