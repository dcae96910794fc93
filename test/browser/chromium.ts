// A real Chromium for the tests of the console, with a watch on everything a page must not do.
import { execFile } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const ROOT = join(import.meta.dirname, '../../console')
const CANDIDATES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

// Builds the console when a source is newer than what was built.
export async function buildConsole(): Promise<void> {
  const built = join(ROOT, 'dist/index.html')
  const sources = globSync('**/*.{ts,tsx,css,html,svg}', { cwd: ROOT, exclude: (name) => name === 'dist' }).map((name) => join(ROOT, name))
  const contract = globSync('../contract/*.ts', { cwd: ROOT }).map((name) => join(ROOT, name))
  const newest = Math.max(...[...sources, ...contract].map((file) => statSync(file).mtimeMs))
  if (existsSync(built) && statSync(built).mtimeMs > newest) return
  // A process of its own: under a test runner the libraries would be built for tests.
  const vite = join(ROOT, '../node_modules/vite/bin/vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', ROOT], { env: { ...process.env, NODE_ENV: 'production' } })
}

// Waits for a condition as long as a slow machine may need.
export const until = <T>(look: () => T | Promise<T>, { timeoutMs = 20_000 } = {}) => expect.poll(look, { timeout: timeoutMs, interval: 50 })

export async function openChromium(): Promise<Browser> {
  await buildConsole()
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path))
  if (executablePath === undefined) throw new Error('Chromium was not found; name it in the environment variable CHROMIUM')
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

export interface Visit {
  language?: 'zh-CN' | 'en'
  theme?: 'light' | 'dark'
  size?: { width: number; height: number }
}

export class Visitor implements AsyncDisposable {
  readonly page: Page
  readonly base: string
  readonly #context: BrowserContext
  /** Violations of the policy, requests to other hosts, faults of scripts. */
  readonly offences: string[] = []

  static async come(browser: Browser, base: string, { language = 'en', theme = 'light', size = { width: 1440, height: 900 } }: Visit = {}) {
    const context = await browser.newContext({ viewport: size, locale: language, colorScheme: theme, timezoneId: 'Asia/Shanghai' })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    return new Visitor(context, page, base)
  }

  constructor(context: BrowserContext, page: Page, base: string) {
    this.#context = context
    this.page = page
    this.base = base
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.origin !== base && url.protocol !== 'data:') this.offences.push(`request to ${url.origin}`)
    })
    page.on('console', (message) => {
      if (/content security policy|trusted type/i.test(message.text())) this.offences.push(message.text())
    })
    page.on('pageerror', (error) => this.offences.push(`${error.name}: ${error.message}`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
  }

  async go(path: string): Promise<void> {
    await this.page.goto(this.base + path)
  }

  /** Goes to a place as somebody who has signed in already. */
  async enter(token: string, path = '/'): Promise<void> {
    await this.#context.addCookies([{ name: 'session', value: token, url: this.base, httpOnly: true, sameSite: 'Strict' }])
    await this.go(path)
  }

  async signIn(name: string, password: string, path = '/'): Promise<void> {
    await this.go(path)
    await this.page.locator('input[name=name]').fill(name)
    await this.page.locator('input[name=password]').fill(password)
    await this.page.locator('button[type=submit]').click()
  }

  /** Controls, headings and pictures that a screen reader would meet without a name. */
  async nameless(): Promise<string[]> {
    const tree = await this.page.locator('body').ariaSnapshot()
    const must = /^\s*- (button|link|textbox|combobox|searchbox|checkbox|img|dialog|heading|navigation|row)(?! ["/])\b.*$/gm
    return [...tree.matchAll(must)].map(([line]) => line.trim()).filter((line) => !/^- row\b/.test(line))
  }

  /** Text that betrays a word that the dictionary does not have, or a place that got no value. */
  async wordless(): Promise<string[]> {
    const text = await this.page.locator('body').innerText()
    return text.match(/\{\w+[}|]|\bundefined\b|\bNaN\b|Invalid Date/g) ?? []
  }

  async isTooWide(): Promise<boolean> {
    return (await this.page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')) === true
  }
}
