// A program for outbox-kill.test.ts: puts batches into an outbox and says each position that is on disk, until it is killed.
import { writeSync } from 'node:fs'
import { quietLog } from '#runtime/log.ts'
import { Columns } from '../../../agent/publish/columns.ts'
import { openOutbox } from '../../../agent/publish/outbox.ts'

const [file = ''] = process.argv.slice(2)
const outbox = openOutbox({ file, site: 'east', agent: 'edge-1', maxBytes: 1 << 30, maxAgeMs: 3.6e6, log: quietLog() })
for (;;) {
  const columns = new Columns(1000)
  for (let i = 0; i < 200; i++) columns.add(1 + i, Date.now(), Math.random(), 0)
  const { boot, sequence } = outbox.putSamples(columns)
  writeSync(1, `${boot} ${sequence}\n`)
}
