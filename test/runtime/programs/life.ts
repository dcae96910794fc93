// A process of two parts for the tests of signals: tells on stdout what happens to it. argv: how the second part behaves.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Part, runParts } from '#runtime/lifecycle.ts'
import { createLog } from '#runtime/log.ts'

const behaviour = process.argv[2]
const tell = (text: string) => process.stdout.write(`${text}\n`)

function part(name: string, stop: () => Promise<void>): Part {
  return {
    name,
    async start() {
      tell(`${name} starts`)
      if (behaviour === 'slow-start' && name === 'second') await sleep(300)
    },
    async stop() {
      tell(`${name} stops`)
      await stop()
    }
  }
}

// Something that would keep the process alive for ever if nobody ended it.
setInterval(() => undefined, 1000)
await runParts({
  parts: [
    part('first', async () => undefined),
    part('second', async () => {
      if (behaviour === 'hangs') await new Promise(() => undefined)
      if (behaviour === 'fails') throw new Error('cannot stop')
    })
  ],
  log: createLog({ name: 'life', destination: 'stderr' }),
  deadlineMs: behaviour === 'hangs' ? 300 : 10_000
})
tell('running')
if (behaviour === 'throws') setTimeout(() => JSON.parse('{'), 10)
if (behaviour === 'rejects') void Promise.reject(new TypeError('nobody caught me'))
