// What is shipped with Penstock carries a licence that utilities may use without asking; a new one is a decision, not an accident.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      resolved: z.string().optional()
    })
  )
})

const lock = Lock.parse(JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')))
const ALLOWED = new Set(['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Unlicense'])

// These state no licence in their package.json; their own files do: BSD-2-Clause, MIT and MIT.
const STATED_ELSEWHERE = new Set(['node_modules/dequeue 1.0.5', 'node_modules/humanize 0.0.9', 'node_modules/precond 0.2.3'])

it('ships only packages under licences that are allowed', () => {
  const shipped = Object.entries(lock.packages).filter(([name, entry]) => name !== '' && entry.dev !== true)
  expect(shipped.length).toBeGreaterThan(100)
  const unknown = shipped.filter(
    ([name, { version, license }]) => !ALLOWED.has(license ?? '') && !STATED_ELSEWHERE.has(`${name} ${version}`)
  )
  expect(unknown.map(([name, { version, license }]) => `${name} ${version}: ${license}`)).toEqual([])
})

it('names exact versions and no build machine', () => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { dependencies, devDependencies, optionalDependencies } = z
    .object({
      dependencies: z.record(z.string(), z.string()),
      devDependencies: z.record(z.string(), z.string()),
      optionalDependencies: z.record(z.string(), z.string())
    })
    .parse(JSON.parse(text))
  const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version)
  )
  expect(loose).toEqual([])
  expect(Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([])
})
