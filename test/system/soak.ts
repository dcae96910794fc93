// `npm run soak -- [seconds]`: the long form of the system test, five minutes for each store unless told otherwise.
import { faultsOf, soak, tableOf } from './soak-run.ts'

const seconds = Number(process.argv[2] ?? 300)
if (!Number.isInteger(seconds) || seconds < 30 || seconds > 86_400) {
  console.error('usage: npm run soak -- [seconds, 30 to 86400]')
  process.exit(2)
}
for (const kind of ['influx', 'embedded'] as const) {
  const result = await soak({ kind, seconds, say: (line) => console.log(line) })
  console.log(`\n${tableOf(result)}\n`)
  for (const fault of faultsOf(result)) {
    console.error(`FAULT: ${fault}`)
    process.exitCode = 1
  }
}
