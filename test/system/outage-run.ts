// `node test/system/outage-run.ts [tags] [seconds]`: the long form of the outage test; a day of 1,000 tags a second unless told otherwise.
import { faultsOf, type OutageResult, outage, tableOf } from './outage.ts'

const [tags = 1000, seconds = 86_400] = process.argv.slice(2).map(Number)
if (!(tags >= 1 && tags <= 2000 && seconds >= 100 && seconds <= 7 * 86_400)) {
  console.error('usage: node test/system/outage-run.ts [tags, 1 to 2000] [seconds, 100 to 604800]')
  process.exit(2)
}
const say = (line: string) => console.log(line)
const kills = { away: 45, back: 5 }
const results: OutageResult[] = []
for (const [name, maxBytes] of [
  ['cap for all', 8 * tags * seconds],
  ['cap too small', Math.round(0.35 * tags * seconds)]
] as const)
  results.push(await outage({ name, tags, seconds, maxBytes, kills, say }))
console.log(`\n${tableOf(results)}\n`)
for (const result of results)
  for (const fault of faultsOf(result)) {
    console.error(`FAULT: ${result.name}: ${fault}`)
    process.exitCode = 1
  }
