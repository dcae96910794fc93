// Golden folders: what a broken config tells, in both languages. UPDATE_CASES=1 writes the expectation anew, to be read before it is committed.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import type { Language } from '#contract/text.ts'
import { BrokerConfig } from '#runtime/broker.ts'
import { bilingual, ConfigFault, FilePath, languageOf, MAX_CONFIG_BYTES, readConfig, readSecret } from '#runtime/config-file.ts'
import { temporaryFolder } from '../parts/wait.ts'

const Device = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), id: Id, port: z.int().min(1).max(65535).default(502) }),
  z.strictObject({ kind: z.literal('line'), id: Id, line: FilePath })
])
const Sample = z.strictObject({
  site: Id,
  broker: BrokerConfig,
  devices: z
    .array(Device)
    .refine(
      (devices) => new Set(devices.map((device) => device.id)).size === devices.length,
      bilingual('设备标识重复', 'device ids must differ')
    ),
  labels: z.record(z.string().regex(/^[a-z]+$/), z.number()).optional()
})

const CASES = fileURLToPath(new URL('../cases/config/', import.meta.url))
const { UPDATE_CASES } = process.env
const names = await readdir(CASES)

describe('golden folders', () => {
  for (const name of names)
    for (const language of ['en', 'zh-CN'] as const)
      test(`${name} in ${language}`, async () => {
        const folder = join(CASES, name)
        const told = (await tell(join(folder, 'input.yaml'), language)).replaceAll(folder, '<folder>')
        const expectation = join(folder, `expected.${language}.txt`)
        if (UPDATE_CASES === '1') await writeFile(expectation, told)
        expect(told).toBe(await readFile(expectation, 'utf8'))
      })
})

async function tell(file: string, language: Language): Promise<string> {
  try {
    const { config, hash } = await readConfig({ file, schema: Sample, language })
    return `${hash}\n${JSON.stringify(config, null, 2)}\n`
  } catch (error) {
    if (error instanceof ConfigFault) return `${error.message}\n`
    throw error
  }
}

async function fileWith(text: string | Uint8Array): Promise<string> {
  const file = join(await temporaryFolder(), 'config.yaml')
  await writeFile(file, text)
  return file
}

describe('files that cannot be read', () => {
  const refused = async (file: string, language: Language = 'en') => {
    const fault = await readConfig({ file, schema: Sample, language }).catch((error: unknown) => error)
    if (!(fault instanceof ConfigFault)) throw new Error('expected a ConfigFault', { cause: fault })
    expect(fault).toMatchObject({ code: 'CONFIG_FAULT', exitCode: 78 })
    return fault.message
  }

  test('a missing file, a folder, a loop of links', async () => {
    const folder = await temporaryFolder()
    const missing = join(folder, 'missing.yaml')
    expect(await refused(missing)).toBe(`${missing}:1:1: there is no such file`)
    expect(await refused(missing, 'zh-CN')).toBe(`${missing}:1:1: 文件不存在`)
    expect(await refused(folder)).toContain('EISDIR')
    await symlink('loop', join(folder, 'loop'))
    expect(await refused(join(folder, 'loop'))).toContain('ELOOP')
  })

  test('a file over the limit, even one whose size is not known beforehand', async () => {
    expect(await refused(await fileWith(Buffer.alloc(MAX_CONFIG_BYTES + 1, '#')))).toContain(`at most ${MAX_CONFIG_BYTES}`)
    expect(await refused('/dev/zero')).toContain(`at most ${MAX_CONFIG_BYTES}`)
  })

  test('nesting without end', async () => {
    expect(await refused(await fileWith('['.repeat(20_000)))).toMatch(/^\S+config.yaml:1:\d+: nested too deeply$/)
    expect(await refused(await fileWith(`site: ${'{a: '.repeat(10_000)}`))).toMatch(/^\S+config.yaml:1:\d+: nested too deeply$/)
  })
})

test('two files read at once do not mix their languages and folders', async () => {
  const schema = z.strictObject({ path: FilePath, number: z.number({ error: bilingual('数字', 'number') }).optional() })
  const [good, bad] = await Promise.all([fileWith('path: here'), fileWith('path: here\nnumber: x')])
  const [first, zh, en] = await Promise.allSettled([
    readConfig({ file: good, schema, language: 'en' }),
    readConfig({ file: bad, schema, language: 'zh-CN' }),
    readConfig({ file: bad, schema, language: 'en' })
  ])
  expect(first).toMatchObject({ value: { config: { path: join(dirname(good), 'here') } } })
  expect(zh).toMatchObject({ reason: { message: `${bad}:2:9 number: 数字` } })
  expect(en).toMatchObject({ reason: { message: `${bad}:2:9 number: number` } })
  expect(schema.safeParse({ path: 'here', number: 'x' }).error?.issues[0]?.message).toBe('number')
})

test('the hash changes with the text and with nothing else', async () => {
  const schema = z.strictObject({ a: z.number() })
  const hash = async (text: string) => (await readConfig({ file: await fileWith(text), schema })).hash
  expect(await hash('a: 1')).toMatch(/^[0-9a-f]{16}$/)
  expect(await hash('a: 1')).toBe(await hash('a: 1'))
  expect(await hash('a: 1 ')).not.toBe(await hash('a: 1'))
})

test('the language comes from the locale', () => {
  expect(languageOf({ LANG: 'zh_CN.UTF-8' })).toBe('zh-CN')
  expect(languageOf({ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' })).toBe('en')
  expect(languageOf({ LANG: 'de_DE', LC_MESSAGES: 'zh_CN' })).toBe('zh-CN')
  expect(languageOf({})).toBe('en')
})

describe('secrets', () => {
  test('come from a file, without the newline at its end, or from the environment', async () => {
    vi.stubEnv('PENSTOCK_TEST_SECRET', ' from env\n')
    expect(await readSecret({ env: 'PENSTOCK_TEST_SECRET' })).toBe(' from env\n')
    expect(await readSecret({ file: await fileWith(' two\nlines \r\n') })).toBe(' two\nlines ')
  })

  test('are refused when absent, empty, too long or unreadable, without being told', async () => {
    await expect(readSecret({ env: 'PENSTOCK_TEST_NOT_SET' })).rejects.toMatchObject({ code: 'SECRET_FAULT', exitCode: 78 })
    await expect(readSecret({ file: await fileWith('\n') })).rejects.toThrow('is empty')
    const long = await readSecret({ file: await fileWith('s3cret'.repeat(100_000)) }).catch((error: unknown) => String(error))
    expect(long).toContain('longer than')
    expect(long).not.toContain('s3cret')
    await expect(readSecret({ file: join(await temporaryFolder(), 'none') })).rejects.toThrow('ENOENT')
    const folder = join(await temporaryFolder(), 'folder')
    await mkdir(folder)
    await expect(readSecret({ file: folder })).rejects.toThrow('EISDIR')
  })
})

describe('whatever the file holds', () => {
  const yamlish = fc
    .array(
      fc.constantFrom(
        ...[
          'site',
          'broker',
          'url',
          'devices',
          '- ',
          ': ',
          '\n',
          '\n  ',
          '&a ',
          '*a',
          '{',
          '}',
          '[',
          ']',
          ',',
          '"',
          "'",
          '|\n',
          '>',
          '!x ',
          '%'
        ],
        ...[
          '# c',
          '? ',
          '<<',
          '__proto__',
          'constructor',
          '~',
          '1',
          '---\n',
          '...\n',
          '\t',
          '\u0000',
          '🚰',
          '\ufeff',
          '\r\n',
          '1e999',
          '0x1',
          '*',
          '&'
        ]
      ),
      { maxLength: 40 }
    )
    .map((parts) => parts.join(''))

  test('reading gives a config or a ConfigFault with a place for every fault', async () => {
    const file = await fileWith('')
    const schema = z.union([Sample, z.looseObject({ site: z.string() })])
    const text = fc.oneof(
      yamlish,
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes))
    )
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('en' as const, 'zh-CN' as const), async (content, language) => {
        await writeFile(file, content)
        const fault = await readConfig({ file, schema, language }).catch((error: unknown) => error)
        if (!(fault instanceof Error)) return
        expect(fault).toBeInstanceOf(ConfigFault)
        const { faults } = fault as ConfigFault
        expect(faults.length).toBeGreaterThan(0)
        const lines = content.toString().split('\n').length
        for (const { line, column, message } of faults) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines)
          expect(column).toBeGreaterThanOrEqual(1)
          expect(message).not.toBe('')
        }
      }),
      { numRuns: 200 }
    )
  })
})
