// The page of device events and what the devices page shows of their health, in both languages.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium, until, Visitor } from './chromium.ts'
import { FixtureServer } from './fixture-server.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

test('events are listed with their figures, filtered, and more of them on demand', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'), '/devices')
  await page.getByTestId('device-ua-1').last().getByRole('link', { name: 'See its events' }).click()
  const rows = page.getByTestId('events').locator('tbody tr')
  await until(() => rows.count()).toBe(50)
  expect(page.url()).toContain('device=ua-1')
  const first = rows.first()
  expect(await first.innerText()).toMatch(/Certificate\s+Changed\s+The server shows another certificate than before\./)
  await first.getByText('Details').click()
  expect(await first.innerText()).toContain('e94b77a0132fd5c8be01')
  await page.getByTestId('events-left-out').getByText('1,204 more were not kept').waitFor()
  await page.getByRole('button', { name: 'Load more' }).click()
  await until(() => rows.count()).toBe(64)
  await page.getByLabel('Kind').selectOption('alarm')
  await until(() => rows.count()).toBe(1)
  expect(await rows.innerText()).toContain('Alarm of the plant')
  await page.getByTestId('language').click()
  await page.getByRole('heading', { name: '设备事件' }).waitFor()
  expect(await rows.innerText()).toContain('工艺报警')
  expect(visitor.offences).toEqual([])
})

test('an event that is told live comes onto the page', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'calm'
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'), '/events')
  await page.getByText('No event matches').waitFor()
  server.centre.kind = 'attack'
  server.send('events', { events: [], more: 1 })
  await until(() => page.getByTestId('events').locator('tbody tr').count()).toBe(50)
})

test('the devices page shows how a device is spared and protected, and what was asked of it', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'trouble'
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'), '/devices')
  const plc = page.getByTestId('device-plc-1').last()
  await plc.getByText('96.4%').waitFor()
  const text = await plc.innerText()
  for (const part of ['62%', '50%', 'None']) expect(text).toContain(part)
  const opcua = await page.getByTestId('device-ua-1').last().innerText()
  for (const part of ['Aes256_Sha256_RsaPss SignAndEncrypt', 'Session and subscription', 'Read values', 'Take what was subscribed'])
    expect(opcua).toContain(part)
  await until(() => page.getByTestId('device-ua-1').last().innerText()).toMatch(/Gaps, last 7 days\s+1/)
  expect(await page.getByTestId('proof').innerText()).toContain('all of them reads or the session behind them')
  await visitor.go('/centre')
  await until(() => page.getByTestId('gaps').innerText()).toContain('Dosing Room OPC UA Server')
  expect(await page.getByTestId('agent-edge-1').last().innerText()).toContain('Clock off by')
})
