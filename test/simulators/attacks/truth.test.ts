// Labels tell the truth: before an attack nothing at all is different from the day without it, afterwards its target tags or its
// traffic are, and when its label ends so does what can be undone.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Label } from '#contract/label.ts'
import { techniques } from '../../../console/words/techniques.ts'
import type { Attack } from '../../../simulators/attacks/attack.ts'
import { ATTACKS } from '../../../simulators/attacks/attacks.ts'
import { mapOf } from '../../../simulators/maps.ts'
import type { PlantKind } from '../../../simulators/plants/plant.ts'
import { PLANTS_ALL, PROOFS, type Proof } from './truth-proofs.ts'
import { ATTACKER, type Columns, cut, type Day, differing, farthest, lastsOf, type Played, playDay, quietDay, START } from './twin.ts'

const proofs = Object.entries(PROOFS)
const attackOf = (name: string): Attack | undefined => (ATTACKS as Record<string, Attack | undefined>)[name]
const plantsOf = (name: string): readonly PlantKind[] => attackOf(name)?.plants ?? PLANTS_ALL

interface Twins {
  attacked: Played
  quiet: Played
  label: Label
  end: number
}

async function twins(name: string, plant: PlantKind, { with: given, day = {} }: { with?: unknown; day?: Day } = {}): Promise<Twins> {
  const [quiet, attacked] = [await quietDay(plant, day), await playDay(plant, day, { attack: name, with: given ?? {} })]
  const label = attacked.labels.find(({ kind }) => kind === 'attack')
  return { attacked, quiet, label: Label.parse(label), end: START + lastsOf(day) }
}

function expectATrueLabel({ attacked, quiet, label, end }: Twins, name: string, technique: string, plant: PlantKind): void {
  expect(cut(attacked.image, 0, START)).toEqual(cut(quiet.image, 0, START))
  expect(cut(attacked.agent, 0, START)).toEqual(cut(quiet.agent, 0, START))
  const earlier = ({ atPlc, heard, connections }: Played) => [atPlc, heard, connections].map((all) => all.filter(isEarlier))
  expect(earlier(attacked)).toEqual(earlier(quiet))
  expect(attacked.labels.filter(({ kind }) => kind === 'attack')).toHaveLength(1)
  expect(label).toMatchObject({ name, technique, start: START * 1000, end: end * 1000 })
  expect(Object.keys(techniques)).toContain(technique)
  for (const tag of label.tags) expect(Object.keys(mapOf(plant).tags)).toContain(tag)
  const foreign = [...attacked.atPlc, ...attacked.connections].filter(isAttacker)
  expect(foreign.length > 0).toBe(label.hosts.length > 0)
  expect(label.hosts.filter((host) => host !== ATTACKER)).toEqual([])
  expect(foreign.filter(({ second }) => second < START || second > end)).toEqual([])
}

const isEarlier = ({ second }: { second: number }) => second < START
const isAttacker = ({ client }: { client: string }) => client === ATTACKER
const byOthers = ({ heard }: Played) => heard.filter((one) => !isAttacker(one)).map(({ connection: _, ...one }) => one)
const at = (columns: Columns, tag: string, second: number) => columns[tag]?.at(second)
const rolesOf = (plant: PlantKind, tags: readonly string[]) => {
  const isWritten = (tag: string) => ['setpoint', 'command'].includes(mapOf(plant).tags[tag]?.role ?? '')
  return { written: tags.filter(isWritten), shown: tags.filter((tag) => !isWritten(tag)) }
}

const casesOf = <K extends Proof['kind']>(kind: K) =>
  proofs.flatMap(([name, proof]) =>
    proof.kind === kind ? plantsOf(name).map((plant) => ({ name, plant, proof: proof as Extract<Proof, { kind: K }> })) : []
  )

describe('the proofs', () => {
  it('are there for every attack and every plant that it is for', () => {
    expect(Object.keys(PROOFS).sort()).toEqual(Object.keys(ATTACKS).sort())
    for (const [name, proof] of proofs) {
      expect([name, attackOf(name)?.technique]).toEqual([name, proof.technique])
      if ('plants' in proof) expect([name, ...plantsOf(name).filter((plant) => !(plant in proof.plants))]).toEqual([name])
    }
  })

  it('are in tests of their own where the table has none', () => {
    const held = { denies: /^truth-denial/, 'in the middle': /^truth-denial/, 'on our eyes': /^truth-eyes/, 'over OPC UA': /^opcua/ }
    const folder = new URL('.', import.meta.url)
    const tests = readdirSync(folder).filter((file) => file.endsWith('.test.ts'))
    const textOf = (which: RegExp) =>
      tests
        .filter((file) => which.test(file))
        .map((file) => readFileSync(new URL(file, folder), 'utf8'))
        .join('')
    for (const [name, { kind }] of proofs) if (kind in held) expect(textOf(held[kind as keyof typeof held])).toContain(`'${name}'`)
  })
})

describe('code inside the PLC', () => {
  it.each(casesOf('forges'))('$name forges reports of a $plant plant and touches nothing else', async ({ name, plant, proof }) => {
    const given = proof.plants[plant]
    const pair = await twins(name, plant, given)
    expectATrueLabel(pair, name, proof.technique, plant)
    const { attacked, quiet, label, end } = pair
    const forged = differing(attacked.image, quiet.image, START, end)
    expect(label.tags).toEqual(expect.arrayContaining(forged))
    expect(forged.sort()).toEqual([...(given?.shows ?? label.tags)].sort())
    expect(differing(attacked.agent, quiet.agent, START, end).sort()).toEqual(forged)
    expect(cut(attacked.image, end)).toEqual(cut(quiet.image, end))
  })
})

describe('a foreign client that writes', () => {
  it.each(casesOf('writes'))('$name harms a $plant plant and puts back what it wrote', async ({ name, plant, proof }) => {
    const given = proof.plants[plant]
    const pair = await twins(name, plant, given)
    expectATrueLabel(pair, name, proof.technique, plant)
    const { attacked, quiet, label, end } = pair
    const { written, shown } = rolesOf(plant, label.tags)
    const changed = differing(attacked.image, quiet.image, START, end)
    expect(written.length).toBeGreaterThan(0)
    expect(written.filter((tag) => !changed.includes(tag)).sort()).toEqual([...(given?.taken ?? [])].sort())
    for (const tag of written) expect([tag, at(attacked.image, tag, -1)]).toEqual([tag, at(quiet.image, tag, -1)])
    for (const [tag, least] of Object.entries(given?.harms ?? {}))
      expect([tag, farthest(attacked.image, quiet.image, tag, START)]).toEqual([tag, expect.toSatisfy((far: number) => far >= least)])
    if (proof.covers === undefined) return
    // What it covers would have told: without the cover all of it does, with it nothing moves by more than a little noise.
    expect(shown.length).toBeGreaterThan(0)
    const bare = await twins(name, plant, { ...given, with: { ...given?.with, cover: false } })
    expect(bare.label.tags).toEqual(written)
    for (const tag of shown) {
      const { deadband = 0 } = mapOf(plant).tags[tag] ?? {}
      const before = at(quiet.image, tag, START - 1) ?? 0
      const away = (attacked.image[tag] ?? []).slice(START, end).map((value) => Math.abs(value - before))
      expect([tag, Math.max(...away)]).toEqual([tag, expect.toSatisfy((far: number) => far <= deadband * 4)])
      expect([tag, farthest(bare.attacked.image, quiet.image, tag, START, end)]).toEqual([
        tag,
        expect.toSatisfy((far: number) => far > Math.max(deadband, 0))
      ])
    }
  })

  it.each(['water', 'heat'] as const)(
    'pump-stop names what stood still before neither as its target nor as its harm in a %s plant',
    async (plant) => {
      const { label } = await twins('pump-stop', plant, { with: { pump: '2' } })
      expect(label.tags).toEqual(['pump2.auto'])
    }
  )

  it.each([
    { name: 'setpoint-tamper', plant: 'water', day: { startsAt: 'mon 08:00', lasts: 7200 } },
    { name: 'write-flood', plant: 'water', day: { startsAt: 'mon 06:30', lasts: 7200 } },
    { name: 'setpoint-tamper', plant: 'gas', day: { startsAt: 'mon 05:00', lasts: 7200 } },
    { name: 'setpoint-tamper', plant: 'heat', with: { tag: 'night.reduction', value: 12 }, day: { startsAt: 'mon 15:30', lasts: 7200 } }
  ] as const)('$name leaves what the people of a $plant plant have set meanwhile', async ({ name, plant, ...given }) => {
    const { attacked, quiet, end } = await twins(name, plant, given)
    const { written } = rolesOf(plant, Object.keys(mapOf(plant).tags))
    expect(written.filter((tag) => at(quiet.image, tag, START) !== at(quiet.image, tag, end))).not.toEqual([])
    for (const tag of written) expect([tag, at(attacked.image, tag, -1)]).toEqual([tag, at(quiet.image, tag, -1)])
  })

  it('alarm-limit-raise keeps the alarm of a gate station from coming', async () => {
    const day = PROOFS['alarm-limit-raise']
    const { attacked, quiet } = await twins('alarm-limit-raise', 'gas', 'plants' in day ? (day.plants.gas ?? {}) : {})
    expect(Math.max(...(quiet.image['outlet.high-alarm'] ?? []))).toBe(1)
    expect((attacked.image['outlet.high-alarm'] ?? []).slice(START + 60, -60)).not.toContain(1)
  })
})

describe('a foreign client that asks', () => {
  it.each(casesOf('asks'))('$name leaves a $plant plant and everybody else alone', async ({ name, plant, proof }) => {
    const given = proof.plants[plant]
    const pair = await twins(name, plant, given)
    expectATrueLabel(pair, name, proof.technique, plant)
    const { attacked, quiet } = pair
    expect(attacked.image).toEqual(quiet.image)
    expect(attacked.agent).toEqual(quiet.agent)
    expect(byOthers(attacked)).toEqual(byOthers(quiet))
    expect(given.asked(attacked.atPlc.filter(isAttacker))).toBeGreaterThanOrEqual(given.least)
  })

  it.each(PLANTS_ALL)('rogue-write writes what it found in a %s plant, and program-mode stops the program when told to', async (plant) => {
    const { attacked, quiet, label, end } = await twins('program-mode', plant, { with: { stop: true, everySeconds: 60 } })
    expect(label.tags).toEqual(['plc.scan-count'])
    expect(new Set(attacked.image['plc.scan-count']?.slice(START, end)).size).toBe(1)
    const scans = attacked.image['plc.scan-count'] ?? []
    expect(scans.at(-1)).toBe((scans[end] ?? 0) + scans.length - end - 1)
    expect((await twins('rogue-write', plant)).label.tags).toHaveLength(1)
    expect(quiet.labels).toEqual([])
  })
})
