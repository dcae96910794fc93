// Golden cases of imports: what each format becomes, with every note, in test/cases/import. UPDATE_CASES=1 writes them anew.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FORMATS, importTags } from '../../../agent/commands/import.ts'
import { ImportResult } from '../../../agent/commands/results.ts'

const folder = join(import.meta.dirname, '../../cases/import')
const cases = readdirSync(folder)

it('has cases of every format', () => {
  expect(new Set(cases.map((name) => name.split('-')[0]))).toEqual(new Set(FORMATS))
})

it.each(cases)('%s', async (name) => {
  const from = FORMATS.find((format) => name.startsWith(format))
  const input = readdirSync(join(folder, name)).find((file) => file.startsWith('input.')) ?? ''
  const options = { file: join(folder, name, input), ...(from === undefined ? {} : { from }), ...(from === 'kepware' ? { unit: 4 } : {}) }
  const { data, trouble } = await importTags({ ...options, language: 'en' })
  const { yaml, ok, faults } = ImportResult.parse(data)
  const result = `${yaml}${[`ok: ${ok}`, ...faults].map((line) => `# ${line}\n`).join('')}`
  const wanted = join(folder, name, 'agent.yaml')
  if (process.env['UPDATE_CASES'] === '1') writeFileSync(wanted, result)
  expect(result).toBe(readFileSync(wanted, 'utf8'))
  expect(trouble).toBe(!ok)
})
