// `npm run bench`: runs every benchmark one after another, or those named on the command line, each in a process of its own.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const own = fileURLToPath(import.meta.url)
// What the others start as a child is not a benchmark itself.
const all = readdirSync(here('.'))
  .filter((name) => name.endsWith('.ts') && here(name) !== own)
  .map((name) => name.slice(0, -3))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all
const unknown = wanted.filter((name) => !all.includes(name))

if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${all.join(', ')}`)
  process.exitCode = 1
} else {
  for (const name of wanted) {
    console.log(`\n== ${name}`)
    const { status } = spawnSync(process.execPath, [here(`${name}.ts`)], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
