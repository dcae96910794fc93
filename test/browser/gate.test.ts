// Coming in and going out: sign-in, wrong password, the forced change of a first password, language and appearance before it.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium, until, Visitor } from './chromium.ts'
import { PASSWORD } from './fixture-centre.ts'
import { FixtureServer } from './fixture-server.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

test('the language of the browser is used at once, can be changed before sign-in, and is remembered', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start(), { language: 'zh-CN' })
  const { page } = visitor
  await visitor.go('/')
  await page.getByRole('heading', { name: '登录' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  expect(await visitor.nameless()).toEqual([])
  await page.getByTestId('language').click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  expect(visitor.offences).toEqual([])
})

test('the appearance follows the system until a person chooses', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start(), { theme: 'dark' })
  const { page } = visitor
  await visitor.go('/')
  const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  const theme = page.getByTestId('theme')
  await theme.waitFor()
  const dark = await ground()
  await theme.click()
  await until(() => page.locator('html').getAttribute('data-theme')).toBe('light')
  expect(await ground()).not.toBe(dark)
  await theme.click()
  await until(ground).toBe(dark)
  await page.reload()
  await theme.waitFor()
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
})

test('a wrong password is told in the words of the page, a right one opens the place that was asked for', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.signIn('li.wei', 'not the password', '/devices')
  await until(() => page.getByTestId('sign-in-fault').innerText()).toBe('The account name or the password is wrong.')
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.locator('input[name=password]').press('Enter')
  await page.getByRole('heading', { name: 'Devices' }).waitFor()
  expect(visitor.offences).toEqual([])
})

test('a first password must be changed before anything else is shown', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.signIn('new.person', PASSWORD)
  await page.getByText('Set a password of your own').waitFor()
  await page.getByLabel('Current password').fill('something else')
  await page.getByLabel('New password', { exact: true }).fill('a-password-of-my-own')
  await page.getByLabel('New password again').fill('another-password')
  await page.getByRole('button', { name: 'Save new password' }).click()
  await page.getByText('The two new passwords differ.').waitFor()
  await page.getByLabel('New password again').fill('a-password-of-my-own')
  await page.getByRole('button', { name: 'Save new password' }).click()
  await page.getByText('The current password is wrong.').waitFor()
  await page.getByLabel('Current password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Save new password' }).click()
  await page.getByTestId('verdict').waitFor()
})

test('signing out leaves nothing on the page, nor does a session that ends elsewhere', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.signIn('li.wei', PASSWORD)
  await page.getByRole('button', { name: 'Account: li.wei' }).click()
  await page.getByTestId('sign-out').click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await page.getByTestId('verdict').count()).toBe(0)
  await visitor.signIn('li.wei', PASSWORD)
  await page.getByTestId('verdict').waitFor()
  server.endSessions()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})
