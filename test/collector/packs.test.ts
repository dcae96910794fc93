import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPacks, SHIPPED_PACKS } from '../../collector/packs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-packs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const water = join(SHIPPED_PACKS, 'water.yaml')

describe('packs', () => {
  it('of a later folder take the place of shipped ones with the same id', async () => {
    const text = await readFile(water, 'utf8')
    await writeFile(join(folder, 'ours.yaml'), text.replace("version: '1.0'", "version: '1.0-ours'"))
    await writeFile(join(folder, 'notes.txt'), 'not a pack')
    const packs = await readPacks({ folders: [SHIPPED_PACKS, folder], language: 'en' })
    expect(packs.map(({ id, version }) => `${id} ${version}`)).toEqual(['base 1.0', 'water 1.0-ours'])
  })

  it('with the same id in one folder are refused', async () => {
    await copyFile(water, join(folder, 'a.yaml'))
    await copyFile(water, join(folder, 'b.yaml'))
    await expect(readPacks({ folders: [folder], language: 'en' })).rejects.toThrow('a.yaml already holds a pack with the id water')
  })

  it('with a fault are told with file, line and column', async () => {
    const text = await readFile(water, 'utf8')
    await writeFile(join(folder, 'ours.yaml'), text.replace('severity: 5', 'severity: 9'))
    await expect(readPacks({ folders: [folder], language: 'en' })).rejects.toThrow(/ours\.yaml:\d+:\d+ checks\.0\.severity: /)
  })

  it('in a folder that is not there are told so', async () => {
    const missing = join(folder, 'none')
    await expect(readPacks({ folders: [missing], language: 'zh-CN' })).rejects.toThrow(`${missing}:1:1: 规则包文件夹无法读取（ENOENT）`)
  })
})
