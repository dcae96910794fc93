// What the plants cost: seconds for a simulated year with the PLC program in scans of 30 s, and microseconds for a scan of 1 s.
// node bench/plants.ts [kind…]
import { loadavg } from 'node:os'
import { PLANTS, type PlantKind } from '../simulators/plants/plant.ts'
import { createWorks } from '../simulators/works.ts'

const YEAR = 365 * 86_400
const COARSE_MS = 30_000
const FINE_MS = 1000
const FINE_STEPS = 200_000

const wanted = process.argv.slice(2)
const kinds = PLANTS.filter((kind) => wanted.length === 0 || wanted.includes(kind))

// Empty work of the same kind, so that a slow machine is told from a slow plant: 25 Gaussian numbers, as many as instruments.
function yardstick(): number {
  const began = performance.now()
  let sum = 0
  for (let i = 0; i < FINE_STEPS; i++)
    for (let j = 0; j < 25; j++) sum += Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
  if (Number.isNaN(sum)) throw new Error('no number came out')
  return ((performance.now() - began) * 1000) / FINE_STEPS
}

async function measure(kind: PlantKind, gaussians: number): Promise<void> {
  const fine = await createWorks(kind, { seed: 1, scanMs: FINE_MS })
  for (let i = 0; i < 20_000; i++) fine.plc.scan()
  const scan = perStep(() => fine.plc.scan())
  const step = perStep(() => fine.plant.step(FINE_MS / 1000))
  const coarse = await createWorks(kind, { seed: 1, scanMs: COARSE_MS })
  const began = performance.now()
  for (let i = 0; i < (YEAR * 1000) / COARSE_MS; i++) coarse.plc.scan()
  const year = (performance.now() - began) / 1000
  const figures = [year.toFixed(2), scan.toFixed(2), step.toFixed(2), (scan - step).toFixed(2), (scan / gaussians).toFixed(1)]
  process.stdout.write(`${kind.padEnd(8)}${figures.map((figure) => figure.padStart(16)).join('')}\n`)
}

function perStep(move: () => void): number {
  const began = performance.now()
  for (let i = 0; i < FINE_STEPS; i++) move()
  return ((performance.now() - began) * 1000) / FINE_STEPS
}

const gaussians = yardstick()
process.stdout.write(`load ${loadavg()[0]?.toFixed(1)}; 25 Gaussian numbers of this machine take ${gaussians.toFixed(2)} us\n`)
process.stdout.write(
  `plant   ${['s per year', 'us per scan', 'us of plant', 'us of PLC', 'scan/Gaussians'].map((name) => name.padStart(16)).join('')}\n`
)
for (const kind of kinds) await measure(kind, gaussians)
