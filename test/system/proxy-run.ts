// A run by hand: many reads through a proxy that spoils replies, and a table of what came of them.
// node test/system/proxy-run.ts --requests 100000 --transport tcp|rtu-over-tcp [--seed 1] [--share 0.1] [--calm 3] [--units 1]
import { parseArgs } from 'node:util'
import { readFalseReplies } from './false-replies.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    transport: { type: 'string', default: 'tcp' },
    seed: { type: 'string', default: '1' },
    share: { type: 'string', default: '0.1' },
    calm: { type: 'string', default: '3' },
    units: { type: 'string', default: '1' }
  }
})
const { transport } = values
if (transport !== 'tcp' && transport !== 'rtu-over-tcp') throw new Error('--transport is tcp or rtu-over-tcp')
const begun = performance.now()
const outcome = await readFalseReplies({
  transport,
  requests: Number(values.requests),
  seed: Number(values.seed),
  share: Number(values.share),
  calm: Number(values.calm),
  units: Number(values.units)
})
const counts = (map: ReadonlyMap<string, number>) => [...map].toSorted((a, b) => b[1] - a[1])
const resets = outcome.resetToFaultMs.toSorted((a, b) => a - b)
const at = (share: number) => `${(resets[Math.floor(share * (resets.length - 1))] ?? Number.NaN).toFixed(1)} ms`
const rows: (readonly [string, string | number])[] = [
  ['transport', transport],
  ['requests', outcome.requests],
  ['good', outcome.good],
  ...counts(outcome.bad).map(([kind, count]) => [`bad ${kind}`, count] as const),
  ['WRONG VALUES', outcome.wrong],
  ['replies thrown away', outcome.stale],
  ['connections opened', outcome.connects],
  ['lines made new', outcome.resyncs],
  ['most connections at once to one device', outcome.mostOpen],
  ...counts(outcome.spoilt).map(([fault, count]) => [`replies: ${fault}`, count] as const),
  [`reset to bad read, median of ${resets.length}`, at(0.5)],
  ['reset to bad read, longest', at(1)],
  ['seconds', Math.round((performance.now() - begun) / 1000)]
]
for (const [name, value] of rows) console.log(`${name.padEnd(44)} ${String(value).padStart(14)}`)
if (outcome.wrong > 0) process.exitCode = 1
