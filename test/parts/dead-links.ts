// Links of Markdown pages that lead nowhere: files that are not there, headings that no page has. Links to the web are left alone.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** As `file: target`, for each link that leads to nothing. */
export async function deadLinks(files: readonly string[]): Promise<string[]> {
  const dead: string[] = []
  for (const file of files) {
    for (const target of linksOf(await readFile(file, 'utf8'))) if (!(await leadsSomewhere(file, target))) dead.push(`${file}: ${target}`)
  }
  return dead
}

/** As `file: path`, for each file of the project that a page names in code, from the root, and that is not there. */
export async function deadPaths(root: string, files: readonly string[]): Promise<string[]> {
  const dead: string[] = []
  for (const file of files) {
    for (const [, path = ''] of (await readFile(file, 'utf8')).matchAll(NAMED))
      if (!existsSync(resolve(root, path))) dead.push(`${file}: ${path}`)
  }
  return dead
}

const NAMED =
  /(?<![\w./-])((?:agent|bench|collector|console|contract|deploy|docs|pki|rules|runtime|simulators|test)\/[\w.-]+(?:\/[\w.-]+)*\.(?:ts|yaml|md|sh|conf|service))\b/g

/** The targets of the links of a page, in order; what stands in code is none. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^ *(```|~~~)[\s\S]*?^ *\1 *$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, target = '']) => target)
}

async function leadsSomewhere(file: string, target: string): Promise<boolean> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return true
  const [path = '', heading] = decodeURI(target).split('#')
  const there = path === '' ? file : resolve(dirname(file), path)
  if (!existsSync(there)) return false
  if (heading === undefined || !there.endsWith('.md')) return true
  return anchorsOf(await readFile(there, 'utf8')).includes(heading)
}

// As the common viewers make them: small letters, no punctuation, a hyphen for each space.
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6} +(.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-')
  )
}
