// Every page leads where it says: links between the Markdown files of the project, and the same guides in both languages.
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { deadLinks, deadPaths, linksOf } from './parts/dead-links.ts'
import { temporaryFolder } from './parts/wait.ts'

const root = new URL('..', import.meta.url).pathname

async function pages(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-z', '--', '*.md'], { cwd: root })
  return stdout
    .split('\0')
    .filter((name) => name !== '')
    .map((name) => join(root, name))
}

describe('the pages of the project', () => {
  it('link to files and headings that are there', async () => {
    const all = await pages()
    expect(all.length).toBeGreaterThan(20)
    expect(await deadLinks(all)).toEqual([])
  })

  it('name files of the project that are there', async () => {
    expect(await deadPaths(root, await pages())).toEqual([])
  })

  it('name scripts of package.json that are there', async () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const texts = await Promise.all((await pages()).map((file) => readFile(file, 'utf8')))
    const named = texts.flatMap((text) => [...text.matchAll(/npm run ([a-z]+)/g)].map(([, name = '']) => name))
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([])
  })

  it('have each guide in Chinese and in English', async () => {
    const [en, zh] = await Promise.all(['en', 'zh-CN'].map((language) => readdir(join(root, 'docs/guides', language))))
    expect(zh).toEqual(en)
    expect(en).toContain('first-agent.md')
  })

  it('would be found when they lead nowhere', async () => {
    const page = join(await temporaryFolder(), 'page.md')
    await writeFile(
      page,
      '# One page\n[a](page.md) [b](gone.md) [c](#one-page) [d](#two) [e](https://example.org/gone)\n`agent/main.ts`, agent/gone.ts\n'
    )
    expect(await deadLinks([page])).toEqual([`${page}: gone.md`, `${page}: #two`])
    expect(await deadPaths(root, [page])).toEqual([`${page}: agent/gone.ts`])
  })

  it('are read as Markdown: links in code do not count', () => {
    const page = 'A [link](a.md#x) and `[code](b.md)`.\n```\n[code](c.md)\n```\n| [cell](<d.md>) | [e](e.md "title") |\n'
    expect(linksOf(page)).toEqual(['a.md#x', 'd.md', 'e.md'])
  })
})
