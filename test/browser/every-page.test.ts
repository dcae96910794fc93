// What holds on every page: no word missing in either language, no breach of the policy, no outside request, a name for
// every control, and no page wider than a telephone.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChromium, until, Visitor } from './chromium.ts'
import { FixtureServer } from './fixture-server.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

const ALERT = '/alerts/00000000-0000-4000-8000-000000000001'
const TAG = '/tags/east-water/edge-1/polled/chlorine.residual'
const OPERATOR = ['/', '/alerts', ALERT, '/tags', TAG, '/devices', '/events', '/rules', '/centre', '/nowhere']
const PAGES = [
  ...OPERATOR.map((path) => ({ path, name: 'li.wei' })),
  { path: '/audit', name: 'auditor' },
  { path: '/accounts', name: 'auditor' },
  { path: '/accounts', name: 'admin' },
  { path: '/audit', name: 'li.wei' },
  { path: '/accounts', name: 'li.wei' }
]

describe.each([
  { language: 'zh-CN', theme: 'light', size: { width: 1440, height: 900 } },
  { language: 'en', theme: 'dark', size: { width: 390, height: 844 } }
] as const)('in $language, $theme, $size.width wide', (visit) => {
  test('every page keeps the law', async () => {
    await using server = new FixtureServer()
    server.centre.kind = 'trouble'
    const base = await server.start()
    for (const name of ['li.wei', 'auditor', 'admin']) {
      await using visitor = await Visitor.come(browser, base, visit)
      const { page } = visitor
      await visitor.enter(server.sessionOf(name))
      await page.getByTestId('verdict').waitFor()
      for (const { path } of PAGES.filter((one) => one.name === name)) {
        await visitor.go(path)
        await page.locator('main h1, main .empty').first().waitFor()
        await until(() => page.locator('.loading').count()).toBe(0)
        await page.evaluate('for (const one of document.querySelectorAll("main details")) one.open = true')
        expect.soft(await visitor.nameless(), `${path}: controls without a name`).toEqual([])
        expect.soft(await visitor.wordless(), `${path}: words`).toEqual([])
        expect.soft(await visitor.isTooWide(), `${path}: too wide`).toBe(false)
        if (visit.language === 'en') expect.soft(await page.locator('main').innerText(), path).not.toMatch(/\p{Script=Han}/u)
      }
      expect(visitor.offences).toEqual([])
    }
  })
})

test('the language switch changes every word of a page at once', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'trouble'
  await using visitor = await Visitor.come(browser, await server.start(), { language: 'zh-CN' })
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'))
  await page.getByTestId('verdict').getByText('汇聚中心：存储异常').waitFor()
  await page.getByTestId('language').click()
  await page.getByTestId('verdict').getByText('The centre: the store is failing').waitFor()
  expect(await page.locator('main').innerText()).not.toMatch(/\p{Script=Han}/u)
  expect(await page.title()).toBe('Situation overview · Penstock')
})

test('every page can be reached and used with the keyboard alone', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'))
  await page.getByTestId('verdict').waitFor()
  await page.locator('body').press('Tab')
  expect(await page.locator(':focus').innerText()).toBe('Skip to content')
  for (const name of ['Penstock', 'Situation overview', 'Alert queue']) {
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').innerText()).toContain(name)
  }
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Alert queue' }).waitFor()
})

test('the administrator adds, disables and resets an account', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('admin'), '/accounts')
  await page.getByRole('button', { name: 'Add account' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add account' })
  await dialog.getByLabel('Account name').fill('li.wei')
  await dialog.getByLabel('First password').fill('a-first-password')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('ACCOUNT_EXISTS').waitFor()
  await dialog.getByLabel('Account name').fill('zhao.min')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const row = page.getByTestId('accounts').getByRole('row', { name: /zhao\.min/ })
  await until(() => row.innerText()).toContain('must change password')
  await row.getByRole('button', { name: 'Disable' }).click()
  await until(() => row.innerText()).toContain('Disabled')
  await row.getByRole('button', { name: 'Reset password' }).click()
  await page.getByRole('dialog', { name: 'Reset the password of zhao.min' }).getByLabel('First password').fill('another-password')
  await page.keyboard.press('Enter')
  await page.getByText('Account zhao.min was updated.').waitFor()
  expect(
    await page
      .getByTestId('accounts')
      .getByRole('row', { name: /^admin/ })
      .getByRole('button')
      .count()
  ).toBe(0)
})

test('the heaviest page loads at most 150 kB of scripts', () => {
  const folder = join(import.meta.dirname, '../../console/dist/assets')
  const sizes = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => ({ name, bytes: gzipSync(readFileSync(join(folder, name))).length }))
  // Pages that come when they are asked for are loaded one at a time; that of an alert is the heaviest of them.
  const heaviest = sizes
    .filter(({ name }) => !/^(tag|devices|events|rules|centre|audit|accounts)-/.test(name))
    .reduce((sum, { bytes }) => sum + bytes, 0)
  console.log(`scripts, gzip: ${sizes.map(({ name, bytes }) => `${name} ${(bytes / 1000).toFixed(1)} kB`).join(', ')}`)
  expect(heaviest).toBeLessThan(150_000)
})
