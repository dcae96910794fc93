// The profiles that come with the program: each is cited, its requests are those expected and stay within what the map allows, and
// the registers of its golden case become the values worked out by hand.
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { BAD_NO_DATA, GOOD } from '#contract/quality.ts'
import { readConfig } from '#runtime/config-file.ts'
import { check } from '../../agent/commands/check.ts'
import { AgentConfig } from '../../agent/config.ts'
import { functionOf } from '../../agent/modbus/figures.ts'
import { type PlannedRead, TABLES, touches } from '../../agent/modbus/read-plan.ts'
import type { ResolvedDevice } from '../../agent/modbus/resolve.ts'
import { profileOf } from '../../agent/profiles.ts'
import { planOf } from '../../agent/resolve.ts'
import { temporaryFolder } from '../parts/wait.ts'

const root = join(import.meta.dirname, '../..')
const names = readdirSync(join(root, 'agent/profiles')).map((file) => file.replace(/\.yaml$/, ''))

const Words = z.string().regex(/^[0-9A-F]{4}( [0-9A-F]{4})*$/)
const Case = z.strictObject({
  about: z.string().min(1),
  image: z.partialRecord(z.enum(TABLES), z.record(z.string().regex(/^\d+$/), Words)),
  values: z.record(z.string(), z.number().nullable()),
  plan: z.array(z.string()).min(1),
  evenCounts: z.boolean().default(false),
  telegrams: z
    .array(
      z.strictObject({
        about: z.string().min(1),
        tag: z.string(),
        request: z.string().regex(/^0[34] [0-9A-F]{4} [0-9A-F]{4}$/),
        reply: Words.optional(),
        value: z.number().optional()
      })
    )
    .default([])
})
type Case = z.infer<typeof Case>

// What the case does not name lies between two values; that it is not zero shows a value read from the wrong place.
const BETWEEN = 'DEAD'

function wordsOf(image: Case['image'], { table, address, count }: PlannedRead): Buffer {
  const words = Array.from({ length: count }, () => BETWEEN)
  for (const [from, text] of Object.entries(image[table] ?? {}))
    for (const [i, word] of text.split(' ').entries()) {
      const at = Number(from) + i - address
      if (at >= 0 && at < count) words[at] = word
    }
  return Buffer.from(words.join(''), 'hex')
}

const hex = (number: number, digits: number) => number.toString(16).toUpperCase().padStart(digits, '0')

async function configFor(profile: string): Promise<string> {
  const file = join(await temporaryFolder(), 'agent.yaml')
  await writeFile(
    file,
    `agent: edge-1
site: { id: east, title: { zh: 东区, en: East }, sector: water }
broker: { url: mqtt://127.0.0.1:1883 }
outbox: { file: outbox.db }
devices:
  - { id: d, protocol: modbus-tcp, host: 127.0.0.1, port: 1, profile: ${profile}, prefix: '' }
`
  )
  return file
}

async function resolvedFor(profile: string): Promise<ResolvedDevice> {
  const { config } = await readConfig({ file: await configFor(profile), schema: AgentConfig })
  const [plan] = config.devices.map((device) => planOf(device, config.defaults))
  if (plan?.family !== 'modbus') throw new Error('a profile is of a Modbus device')
  return plan.resolved
}

it.each(['en', 'zh-CN'])('the guide in %s has a line for each', (language) => {
  const guide = readFileSync(join(root, 'docs/guides', language, 'profiles.md'), 'utf8')
  const listed = [...guide.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  expect(listed).toEqual([...names].sort())
})

it('there are some, and no case without a profile', () => {
  expect(names.length).toBeGreaterThanOrEqual(6)
  expect(readdirSync(join(root, 'test/cases/profiles')).sort()).toEqual([...names].sort())
})

describe.each(names)('profile %s', (name) => {
  const profile = profileOf(name)
  const golden = Case.parse(parse(readFileSync(join(root, 'test/cases/profiles', name, 'case.yaml'), 'utf8')))

  it('has the name of its file, names the page that it is from, and only watches', () => {
    expect(profile.name).toBe(name)
    expect(profile.goldenCase).toBe(`test/cases/profiles/${name}`)
    expect(profile.citation.document).toMatch(/https?:\/\//)
    expect(profile.citation.page).toMatch(/\d/)
    for (const tag of profile.tags) {
      expect(tag.title?.zh, tag.name).toMatch(/\p{Script=Han}/u)
      expect(tag.title?.en, tag.name).toMatch(/[a-z]/)
      expect(['measurement', 'status'], tag.name).toContain(tag.role)
    }
  })

  it('asks for what the map allows, in the requests of the case', async () => {
    const { groups, limits } = await resolvedFor(name)
    const reads = [...groups.values()].flat()
    expect(reads.map(({ table, address, count }) => `${table} ${address}+${count}`)).toEqual(golden.plan)
    for (const read of reads) {
      expect(read.count).toBeLessThanOrEqual(profile.maxRegistersPerRead ?? 125)
      for (const range of limits.forbidden) expect(touches(read, range)).toBe(false)
      if (golden.evenCounts) expect(read.count % 2).toBe(0)
    }
  })

  it('makes the values of the case from its registers', async () => {
    const { groups, tags } = await resolvedFor(name)
    const values: Record<string, unknown> = {}
    for (const read of [...groups.values()].flat()) {
      const bytes = wordsOf(golden.image, read)
      for (const span of read.spans) {
        const one = tags[span.tag]
        if (one === undefined) throw new RangeError(`no tag ${span.tag}`)
        const { value, quality } = one.decode(bytes, 2 * (span.address - read.address))
        values[one.tag.name] = value
        expect(quality, one.tag.name).toBe(value === null ? BAD_NO_DATA : GOOD)
      }
    }
    expect(values).toEqual(golden.values)
  })

  it.each(golden.telegrams)('$about', async ({ tag, request, reply, value }) => {
    const one = (await resolvedFor(name)).tags.find((resolved) => resolved.tag.name === tag)
    if (one === undefined) throw new Error(`no tag ${tag}`)
    const { table, address, count } = one.span
    expect(`${hex(functionOf(table), 2)} ${hex(address, 4)} ${hex(count, 4)}`).toBe(request)
    if (reply !== undefined) expect(one.decode(Buffer.from(reply.replaceAll(' ', ''), 'hex'), 0).value).toBe(value)
  })

  it('passes the check of an agent that reads such a device', async () => {
    const outcome = await check({ file: await configFor(name), language: 'en' })
    expect(outcome).toMatchObject({ trouble: false, data: { ok: true, devices: 1, tags: profile.tags.length } })
  })
})
