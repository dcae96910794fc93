// Properties of the readers of foreign tag lists: whatever a file holds, nothing is dropped without a word, what comes out is a
// config, and a broken file is told with its place.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConfigText } from '#runtime/config-file.ts'
import { AgentConfig } from '../../../agent/config.ts'
import { agentYaml } from '../../../agent/import/agent-yaml.ts'
import { csvTemplate, readCsv } from '../../../agent/import/csv.ts'
import { type Draft, ImportFault } from '../../../agent/import/draft.ts'
import { readKepware } from '../../../agent/import/kepware.ts'
import { asId, asTagName } from '../../../agent/import/names.ts'
import { readNeuron } from '../../../agent/import/neuron.ts'
import { settle } from '../../../agent/import/settle.ts'
import { readTelegraf } from '../../../agent/import/telegraf.ts'

const READERS = {
  csv: (text: string) => readCsv(text, { host: 'h' }),
  kepware: (text: string) => readKepware(text, { host: 'h' }),
  neuron: readNeuron,
  telegraf: readTelegraf
}

const countTags = ({ devices }: Draft) => devices.reduce((sum, { tags }) => sum + tags.length, 0)
const leftOf = ({ notes }: Draft, place: RegExp) => notes.filter((note) => note.left && place.test(note.place)).length

// Whatever the tags: the text is a config but for budgets and addresses, which check tells with their places.
function expectConfig(draft: Draft): void {
  const yaml = agentYaml(settle(draft), 'x', 'en')
  if (countTags(draft) === 0) return
  try {
    readConfigText({ file: 'agent.yaml', text: Buffer.from(yaml), schema: AgentConfig, language: 'en' })
  } catch (error) {
    const faults = String(error instanceof Error ? error.message : error).split('\n')
    for (const fault of faults) expect(fault).toMatch(/budget|minCadence|addresses|beyond address|line|longer|busy|at most/)
  }
}

describe('any file', () => {
  it.each(Object.entries(READERS))('%s: text without any form gives a fault or a draft', (_, read) => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.json().map(String), fc.string({ unit: 'grapheme' })),
        (text) => {
          try {
            expectConfig(read(text))
          } catch (error) {
            expect(error).toBeInstanceOf(ImportFault)
          }
        }
      ),
      { numRuns: 150 }
    )
  })

  it.each(Object.entries(READERS))('%s: says that an empty file is none of its own', (_, read) => {
    expect(() => read('')).toThrow(ImportFault)
  })
})

const anyName = fc.oneof(
  fc.constantFrom('level', 'Pump 1', '水位', '', '1#泵', 'a.b', "it's", 'x: {y}', '- #', '\u202eevil'),
  fc.string({ maxLength: 30 })
)
const anyAddress = fc.oneof(
  fc.constantFrom(
    '400001',
    '40001',
    '1!400001',
    '300010.3',
    '400001.20H',
    '400001[4]',
    '000001',
    '1!100001',
    '2!300004#BB',
    'DB1',
    '',
    '465536'
  ),
  fc.string({ maxLength: 12 })
)
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`

describe('KEPServerEX', () => {
  const types = fc.constantFrom('Word', 'Short', 'Float', 'Double', 'Boolean', 'String', 'LBCD', 'Default', 'Date', 'QWord', '')
  const row = fc.tuple(
    anyName,
    anyAddress,
    types,
    fc.constantFrom('RO', 'R/W', ''),
    fc.constantFrom('', '100', 'x'),
    fc.constantFrom('', 'Linear', 'Cubic')
  )

  it('takes each row over or says why not', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const head = 'Tag Name,Address,Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High'
        const full = rows.filter((cells) => cells.some((text) => text.trim() !== ''))
        const draft = readKepware([head, ...full.map((cells) => [...cells.map(cell), 0, 100, 0, 10].join(','))].join('\n'), { host: 'h' })
        expect(countTags(draft) + leftOf(draft, /^line /)).toBe(full.length)
        expectConfig(draft)
      }),
      { numRuns: 100 }
    )
  })

  it('scales as its own formula does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer(),
        fc.integer({ min: 1, max: 9999 }),
        (low, span, from, width) => {
          const scaled = [from % 1000, (from % 1000) + width]
          const text = `Tag Name,Address,Data Type,Scaling,Raw Low,Raw High,Scaled Low,Scaled High\nt,400001,Short,Linear,${low},${low + span},${scaled.join(',')}`
          const tag = readKepware(text, { host: 'h' }).devices[0]?.tags[0]
          const value = (raw: number) => raw * (tag?.scale ?? 1) + (tag?.offset ?? 0)
          expect(value(low)).toBeCloseTo(scaled[0] ?? 0, 4)
          expect(value(low + span)).toBeCloseTo(scaled[1] ?? 0, 4)
        }
      )
    )
  })
})

describe('Neuron', () => {
  const tag = fc.record({
    name: anyName,
    address: anyAddress,
    attribute: fc.integer({ min: 0, max: 15 }),
    type: fc.integer({ min: 0, max: 20 }),
    decimal: fc.constantFrom(0, 0.1, 1)
  })

  it('takes each tag over or says why not', () => {
    fc.assert(
      fc.property(
        fc.array(tag, { maxLength: 20 }),
        fc.constantFrom('Modbus TCP', 'Modbus RTU', 'S7'),
        fc.boolean(),
        (tags, plugin, hasHost) => {
          const params = { ...(hasHost ? { host: 'h', port: 502, device: '/dev/ttyS0' } : {}) }
          const text = JSON.stringify({ nodes: [{ name: 'n', plugin, params, groups: [{ group: 'g', interval: 1000, tags }] }] })
          const draft = readNeuron(text)
          expect(countTags(draft) + leftOf(draft, /^n\/g\//)).toBe(tags.length)
          expectConfig(draft)
        }
      ),
      { numRuns: 100 }
    )
  })
})

describe('Telegraf', () => {
  const toml = (value: object) =>
    `{ ${Object.entries(value)
      .map(([key, one]) => `${key} = ${JSON.stringify(one)}`)
      .join(', ')} }`
  const field = fc.record({
    name: fc.stringMatching(/^[ -~]{0,20}$/),
    address: fc.integer({ min: -1, max: 70_000 }),
    type: fc.constantFrom('INT16', 'UINT32', 'FLOAT64', 'BIT', 'STRING', 'INT8L', 'X'),
    length: fc.integer({ min: 0, max: 200 }),
    omit: fc.boolean()
  })

  it('takes each field over or says why not', () => {
    fc.assert(
      fc.property(
        fc.array(field, { maxLength: 20 }),
        fc.constantFrom('request', 'metric'),
        fc.constantFrom('ABCD', 'DCBA', 'X'),
        (fields, style, order) => {
          const text = `[[inputs.modbus]]\ncontroller = "tcp://h:502"\nconfiguration_type = "${style}"\n[[inputs.modbus.${style}]]\nslave_id = 1\nbyte_order = "${order}"\nfields = [ ${fields.map(toml).join(', ')} ]\n`
          const draft = readTelegraf(text)
          expect(countTags(draft) + leftOf(draft, /\.fields\[/)).toBe(fields.length)
          expectConfig(draft)
        }
      ),
      { numRuns: 100 }
    )
  })

  it('says where the TOML is broken', () => {
    expect(() => readTelegraf('[[inputs.modbus]]\nname = oops\n')).toThrow(/line 2, column 8/)
  })
})

describe('CSV', () => {
  it('reads its own template, in both languages', () => {
    for (const language of ['zh-CN', 'en'] as const) {
      const draft = readCsv(csvTemplate(language), {})
      expect(draft.notes).toEqual([])
      expect(draft.devices).toMatchObject([
        { name: 'plc-1', unit: 1, tags: [{ name: 'tower.level', table: 'input-register', type: 'float32', low: 0, high: 6 }] }
      ])
    }
  })

  it('takes each row over or says why not', () => {
    const places = fc.constantFrom('holding 1 int16', '400001 float32', 'coil 3', 'nowhere', '', 'holding 7 bit:3')
    fc.assert(
      fc.property(fc.array(fc.tuple(anyName, places, fc.constantFrom('', '0.1', 'x')), { minLength: 1, maxLength: 20 }), (rows) => {
        const full = rows.filter((cells) => cells.some((text) => text.trim() !== ''))
        const draft = readCsv(['name;at;scale', ...full.map((cells) => cells.map(cell).join(';'))].join('\r\n'), { host: 'h' })
        expect(countTags(draft) + leftOf(draft, /^line /)).toBe(full.length)
      })
    )
  })
})

it('makes names that a config takes, and gives up where nothing is left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const [tag, id] = [asTagName(text), asId(text)]
      if (tag !== undefined) expect(tag).toMatch(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/)
      if (id !== undefined) expect(id).toMatch(/^[a-z][a-z0-9-]{0,62}$/)
    })
  )
  expect([asTagName('水位'), asTagName('Höhe 1'), asId('一泵房 1')]).toEqual([undefined, 'Hohe_1', 'plc-1'])
})
