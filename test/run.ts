// `npm test`: makes sure the real parts are there, builds the console, runs everything and closes with one counted line.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { missingParts, provideParts } from './parts/provide.ts'

const Results = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), numPendingTests: z.int(), numFailedTestSuites: z.int() })

const root = new URL('..', import.meta.url).pathname
const bin = (name: string) => join(root, 'node_modules/.bin', name)

function run(command: string, args: readonly string[]): number {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1
}

function main(): number {
  provideParts()
  const missing = missingParts()
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((part) => part.debian))].join(' ')
    console.error(
      `Missing for the tests: ${missing.map((part) => part.name).join(', ')}.\nInstall them with: sudo apt-get install ${packages}`
    )
    return 1
  }
  if (!process.env['PENSTOCK_DATA']) {
    console.error('PENSTOCK_DATA is not set: tests on outside captures and data sets are not part of this run (CONTRIBUTING.md).')
  }
  if (run(bin('vite'), ['build', 'console', '--logLevel', 'warn']) !== 0) return 1
  const folder = mkdtempSync(join(tmpdir(), 'penstock-test-'))
  const file = join(folder, 'results.json')
  try {
    const status = run(bin('vitest'), [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...process.argv.slice(2)
    ])
    if (!existsSync(file)) {
      console.error('The test runner wrote no results.')
      return status || 1
    }
    const results = Results.parse(JSON.parse(readFileSync(file, 'utf8')))
    const { numPassedTests: passed, numPendingTests: skipped } = results
    // A file that cannot even be loaded has no failed test of its own; it must not pass unseen.
    const failed = results.numFailedTests || (results.numFailedTestSuites > 0 || status !== 0 ? 1 : 0)
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
    return failed > 0 || passed === 0 ? 1 : status
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exit(main())
