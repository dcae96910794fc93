// The packs that ship: every check proves itself on its cases, and its texts stand in both languages with all figures filled.
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LANGUAGES, pick } from '#contract/text.ts'
import { checkOf } from '#rules/check.ts'
import { Pack } from '#rules/pack.ts'
import { play, prove } from '#rules/proof.ts'
import { renderReason } from '#rules/reason.ts'
import { ConfigFault, readConfig } from '#runtime/config-file.ts'
import { readPacks } from '../../collector/packs.ts'

const packs = await readPacks({ language: 'en' })
const checks = packs.flatMap((pack) => pack.checks.map((entry) => ({ name: `${pack.id}/${entry.id}`, pack, entry })))

describe('the packs that ship', () => {
  it('are base and water', () => {
    expect(packs.map(({ id, sector }) => `${id} for ${sector}`)).toEqual(['base for any', 'water for water'])
  })

  it.each(packs.map((pack) => [pack.id, pack] as const))('%s does on its cases what it says', (_id, pack) => {
    expect(prove(pack)).toEqual([])
  })

  it.each(checks)('$name must fire on one case and stay silent on another', ({ entry }) => {
    expect(entry.tests.mustFire.length).toBeGreaterThan(0)
    expect(entry.tests.mustStaySilent.length).toBeGreaterThan(0)
  })

  it.each(checks)('$name is written in both languages', ({ entry }) => {
    expect(entry.advice.length).toBeGreaterThan(1)
    for (const text of [entry.title, entry.why, entry.reason, ...entry.advice]) {
      expect(text.zh).toMatch(/\p{Script=Han}/u)
      expect(text.en).not.toMatch(/\p{Script=Han}/u)
    }
    for (const text of [entry.why, entry.reason, ...entry.advice]) {
      expect(text.zh).toMatch(/。$/)
      expect(text.en).toMatch(/[.)]$/)
    }
  })

  it.each(checks)('$name gives a reason with every figure filled', ({ pack, entry }) => {
    const check = checkOf(pack, entry)
    for (const fire of entry.tests.mustFire) {
      const [finding] = play(pack, entry, fire)
      if (finding === undefined) throw new Error('stayed silent')
      const reason = renderReason(check, finding)
      for (const language of LANGUAGES) expect(pick(reason, language)).not.toMatch(/[{}—]|NaN|undefined|null|Infinity/)
    }
  })

  it('name the technique of each attack that the water plant plays', () => {
    const techniques = new Map(checks.map(({ name, entry }) => [name, entry.techniques]))
    expect(techniques.get('water/chlorine-setpoint')).toEqual(['T0836'])
    expect(techniques.get('water/tower-level-stuck')).toEqual(['T0856'])
    expect(techniques.get('water/lead-pump-automatic')).toEqual(['T0855'])
  })
})

const CASES = fileURLToPath(new URL('../cases/rules/', import.meta.url))
const names = await readdir(CASES)

describe('a faulty pack', () => {
  it.each(names)('%s is told with every fault at its place', async (name) => {
    const folder = `${CASES}${name}/`
    const fault = await readConfig({ file: `${folder}pack.yaml`, schema: Pack, language: 'en' }).then(
      () => null,
      (error: unknown) => error
    )
    if (!(fault instanceof ConfigFault)) throw new Error(`read without a fault: ${fault}`)
    expect(fault.message.replaceAll(folder, '').trim()).toBe((await readFile(`${folder}expected.txt`, 'utf8')).trim())
  })
})
