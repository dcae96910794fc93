// `node test/system/balance-run.ts [scenario…]`: plays every scenario that comes with Penstock for a month, in scans of ten seconds
// and without an agent, and tells what is missing at the end. The exit code is 1 when a plant lost or made something, or when the
// meters of one without a leak are apart by more than half a per cent.
import { basename } from 'node:path'
import { readConfig } from '#runtime/config-file.ts'
import { shippedScenarios } from '../../range/run-scenarios.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { balanceOf, METERS } from './balance.ts'

const MONTH_SECONDS = 30 * 86_400
const STEP_MS = 10_000
const ROUNDING = 1e-9
const CLOSE = 0.005

const wanted = process.argv.slice(2)
const files = (await shippedScenarios()).filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.yaml')))
const began = performance.now()
const say = (...cells: string[]) => {
  const [name = '', plant = '', ...others] = cells
  process.stdout.write(`${name.padEnd(28)}${plant.padEnd(7)}${others.map((cell) => cell.padStart(15)).join('')}\n`)
}

process.stdout.write(
  `${files.length} scenarios of 30 days; readings of meters are the true ones, also where a scenario falsifies them.\n\n`
)
say('scenario', 'plant', 'received', 'lost or made', 'meters apart', 'leak', 'verdict')
let failed = 0
for (const file of files) {
  const { config: scenario } = await readConfig({ file, schema: Scenario, language: 'en' })
  const { truth, meters, received, leaks, leftOut } = await balanceOf(scenario, { seconds: MONTH_SECONDS, stepMs: STEP_MS })
  const passed = truth < ROUNDING && (leaks || Math.abs(meters) < CLOSE)
  if (!passed) failed++
  const volume = `${received.toFixed(0)} ${METERS[scenario.plant].unit}`
  say(
    basename(file, '.yaml'),
    scenario.plant,
    volume,
    truth.toExponential(1),
    `${(meters * 100).toFixed(3)} %`,
    leaks ? 'yes' : '-',
    passed ? 'ok' : 'FAILED'
  )
  if (leftOut.length > 0) process.stdout.write(`  left out, as they need sockets or an agent: ${[...new Set(leftOut)].join(', ')}\n`)
}
process.stdout.write(`\n${files.length - failed} of ${files.length} close, in ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
if (failed > 0) process.exitCode = 1
