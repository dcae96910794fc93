// The alert queue: filters in the address, live news without losing one's place, work by keyboard, paging.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium, until, Visitor } from './chromium.ts'
import { FixtureServer } from './fixture-server.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

async function queue(server: FixtureServer, path = '/alerts', name = 'li.wei') {
  const visitor = await Visitor.come(browser, await server.start())
  await visitor.enter(server.sessionOf(name), path)
  const rows = visitor.page.getByTestId('alerts').locator('tbody tr')
  await rows.first().waitFor()
  return { visitor, page: visitor.page, rows }
}

test('a filter goes into the address, and an address opens its filter', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server)
  await using _ = visitor
  await page.getByLabel('Severity').selectOption('4')
  await until(() => new URL(page.url()).search).toBe('?severity=4')
  await until(async () => (await rows.locator('.severity').allInnerTexts()).every((text) => /High|Critical/.test(text))).toBe(true)
  await page.getByLabel('Search').fill('chlorine')
  await until(() => new URL(page.url()).search).toBe('?severity=4&search=chlorine')
  await until(() => rows.count()).toBe(1)
  await page.reload()
  await until(() => rows.count()).toBe(1)
  expect(await page.getByLabel('Severity').inputValue()).toBe('4')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await until(() => rows.count()).toBeGreaterThan(10)
})

test('j and k move, a acknowledges, Enter opens', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server)
  await using _ = visitor
  await page.keyboard.press('j')
  await until(() => rows.nth(0).locator(':focus').count()).toBe(1)
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('a')
  await until(() => rows.nth(0).innerText()).toContain('Acknowledged')
  await page.getByText('Acknowledged: Chlorine setpoint outside its agreed band').waitFor()
  expect(server.centre.alerts[0]?.alert).toMatchObject({ handling: 'acknowledged', assignee: 'li.wei' })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Chlorine setpoint outside its agreed band' }).waitFor()
})

test('keys do nothing while a person types', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await queue(server)
  await using _ = visitor
  await page.getByLabel('Search').fill('')
  await page.getByLabel('Search').press('j')
  expect(await page.getByLabel('Search').inputValue()).toBe('j')
})

test('new alerts are announced and shown when asked for; known ones change in place', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server)
  await using _ = visitor
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')
  const before = await rows.count()
  const first = await rows.first().innerText()
  const alert = server.centre.raise({ title: { zh: '新告警', en: 'A brand-new alert' } })
  server.send('alert', alert)
  server.send('alert', server.centre.raise({ title: { zh: '又一条', en: 'One more' }, severity: 2 }))
  await until(() => page.getByTestId('fresh').innerText()).toContain('2 new alerts')
  expect(await rows.count()).toBe(before)
  expect(await rows.first().innerText()).toBe(first)
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('link', { name: 'A brand-new alert' }).waitFor()
  expect(await page.getByTestId('fresh').count()).toBe(0)
  server.send('alert', { ...alert, version: 9, handling: 'acknowledged' })
  const row = rows.filter({ hasText: 'A brand-new alert' })
  await until(() => row.innerText()).toContain('Acknowledged')
})

test('an alert that the filter leaves out is not announced', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await queue(server, '/alerts?severity=5')
  await using _ = visitor
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')
  server.send('alert', server.centre.raise({ severity: 3 }))
  server.send('alert', server.centre.raise({ severity: 5 }))
  await until(() => page.getByTestId('fresh').innerText()).toContain('1 new alert')
})

test('more pages come when asked for, without repeats', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server, '/alerts?handling=all')
  await using _ = visitor
  expect(await rows.count()).toBe(50)
  await page.getByRole('button', { name: 'Load more' }).click()
  await until(() => rows.count()).toBe(server.centre.alerts.length)
  const links = await page.locator('a[data-alert]').evaluateAll((all) => all.map((link) => link.getAttribute('data-alert')))
  expect(new Set(links).size).toBe(links.length)
  expect(await page.getByRole('button', { name: 'Load more' }).count()).toBe(0)
})

test('what somebody else changed meanwhile is not acknowledged but shown', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server)
  await using _ = visitor
  server.centre.changeBehind(server.centre.alerts[0]?.alert.id ?? '')
  await rows.first().getByRole('button', { name: 'Acknowledge' }).click()
  await page.getByText('Somebody else just worked on this alert').waitFor()
  await until(() => rows.first().innerText()).toContain('Investigating')
})

test('coming back from an alert shows what happened to the queue meanwhile', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server)
  await using _ = visitor
  await rows.nth(3).getByRole('link').click()
  await page.getByTestId('reason').waitFor()
  server.centre.changeBehind(server.centre.alerts[0]?.alert.id ?? '')
  await page.goBack()
  await until(() => rows.first().innerText()).toContain('Investigating')
})

test('an auditor reads the queue and cannot act', async () => {
  await using server = new FixtureServer()
  const { visitor, page, rows } = await queue(server, '/alerts', 'auditor')
  await using _ = visitor
  expect(await rows.getByRole('button').count()).toBe(0)
  await page.getByText('Your role may read alerts but not work on them.').waitFor()
})
