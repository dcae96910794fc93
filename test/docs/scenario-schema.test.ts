// The JSON Schema of scenarios that editors use: it takes every scenario that is shipped, and refuses what the program refuses.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ATTACKS } from '../../simulators/attacks/attacks.ts'
import { FAULTS } from '../../simulators/faults/faults.ts'
import { mapOf } from '../../simulators/maps.ts'
import { PLANTS } from '../../simulators/plants/plant.ts'
import { Scenario } from '../../simulators/scenario.ts'

const root = new URL('../../', import.meta.url).pathname
const schema = JSON.parse(await readFile(join(root, 'docs/reference/scenario.schema.json'), 'utf8'))
const fits = new Ajv.Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema)

const shipped = (await readdir(join(root, 'simulators/scenarios'))).map((name) => join(root, 'simulators/scenarios', name))
const guides = ['en', 'zh-CN'].map((language) => join(root, 'docs/guides', language, 'testers.md'))
const references = ['attacks.md', 'attacks.zh-CN.md'].map((name) => join(root, 'docs/reference', name))

const complaints = (scenario: unknown): string[] =>
  fits(scenario) ? [] : (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

describe('the schema of scenarios for editors', () => {
  it.each([...shipped, join(root, 'deploy/examples/simulator.yaml')])('takes %s', async (file) => {
    expect(complaints(parse(await readFile(file, 'utf8')))).toEqual([])
  })

  it.each([...guides, ...references])('takes what stands in %s, and so does the program', async (file) => {
    const blocks = [...(await readFile(file, 'utf8')).matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => parse(text))
    const scenarios = blocks.filter((one) => typeof one === 'object' && one !== null && 'timeline' in one)
    expect(scenarios.length).toBeGreaterThan(0)
    for (const scenario of scenarios) {
      expect(complaints(scenario)).toEqual([])
      expect(Scenario.safeParse(scenario).error?.issues ?? []).toEqual([])
    }
  })

  const step = (one: object, more: object = {}) => ({ ...more, timeline: [{ at: '00:10', ...one }] })
  const wrong: Record<string, unknown> = {
    'an unknown key': { colour: 'red' },
    'an unknown plant': { plant: 'oil' },
    'a weekday without a time': { startsAt: 'monday' },
    'an attacker from another machine': { attacker: { localAddress: '10.0.0.5' } },
    'a time that is none': step({ attack: 'pump-stop', at: '5 minutes' }),
    'a step without anything to play': step({}),
    'a step with two things to play': step({ attack: 'pump-stop', fault: 'comms-loss' }),
    'an unknown attack': step({ attack: 'pump-start' }),
    'an unknown fault': step({ fault: 'flood' }),
    'an unknown parameter': step({ attack: 'sensor-bias', with: { percentage: 3 } }),
    'the parameter of another attack': step({ attack: 'sensor-freeze', with: { percent: 3 } }),
    'a parameter out of range': step({ attack: 'sensor-bias', with: { percent: 200 } }),
    'a parameter of another type': step({ attack: 'chlorine-overdose', with: { value: '2' } }),
    'a fault without its parameter': step({ fault: 'sensor-dropout' }),
    'a tag that the plant has not': step({ attack: 'sensor-bias', with: { tag: 'tower.height' } }),
    'a tag of another plant': step({ attack: 'sensor-bias', with: { tag: 'tower.level' } }, { plant: 'gas' }),
    'an attack on another plant': step({ attack: 'odorant-stop' }, { plant: 'heat' }),
    'a trouble of another plant': step({ fault: 'breakdown', with: { what: 'odorant-empty' } }),
    'more of a share than all': step({ fault: 'breakdown', with: { what: 'valve-hangs', amount: 2 } }),
    'more of a trouble than there can be': step({ fault: 'breakdown', with: { what: 'leak', amount: 51 } }, { plant: 'heat' }),
    'half of what is there or is not': step({ fault: 'breakdown', with: { what: 'power', amount: 0.5 } }),
    'nothing of a trouble': step({ fault: 'breakdown', with: { what: 'leak', amount: 0 } })
  }
  it.each(Object.entries(wrong))('refuses %s, as the program does', (_, scenario) => {
    expect(complaints(scenario)).not.toEqual([])
    expect(Scenario.safeParse(scenario).success).toBe(false)
  })

  it('refuses nothing that the program would play', () => {
    const tags = PLANTS.flatMap((plant) => Object.keys(mapOf(plant).tags))
    const parameters = fc.dictionary(
      fc.constantFrom('tag', 'value', 'percent', 'pump', 'cover', 'insistSeconds', 'everySeconds', 'what', 'amount'),
      fc.oneof(fc.constantFrom(...tags, 'lead', '1', 'leak', 'power'), fc.double({ min: -20, max: 20, noNaN: true }), fc.boolean()),
      { maxKeys: 3 }
    )
    const steps = fc.record(
      {
        at: fc.constantFrom('00:10', '01:00:30', '7:5'),
        attack: fc.constantFrom(...Object.keys(ATTACKS)),
        fault: fc.constantFrom(...Object.keys(FAULTS)),
        with: parameters
      },
      { requiredKeys: ['at'] }
    )
    const scenarios = fc.record({ plant: fc.constantFrom(...PLANTS), timeline: fc.array(steps, { maxLength: 2 }) }, { requiredKeys: [] })
    fc.assert(
      fc.property(scenarios, (scenario) => {
        if (Scenario.safeParse(scenario).success) expect(complaints(scenario)).toEqual([])
      }),
      { numRuns: 500 }
    )
  })

  it('names every attack and fault with what it takes, and says of each key what it is for', () => {
    const text = JSON.stringify(schema)
    for (const name of [...Object.keys(ATTACKS), ...Object.keys(FAULTS)]) expect(text, name).toContain(`"const":"${name}"`)
    for (const [key, { description }] of Object.entries<{ description?: string }>(schema.properties))
      expect(description, key).toMatch(/\.$/)
    expect(text).not.toContain('"$ref"')
  })
})
