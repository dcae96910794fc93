// Live values: shown while they are new, marked when they are old, and a lost connection is never hidden.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium, until, type Visit, Visitor } from './chromium.ts'
import { FixtureServer } from './fixture-server.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

async function open(server: FixtureServer, path: string, visit: Visit = {}) {
  const visitor = await Visitor.come(browser, await server.start(), visit)
  await visitor.enter(server.sessionOf('li.wei'), path)
  await until(() => visitor.page.getByTestId('live-mark').innerText()).toMatch(/Live|实时/)
  return { visitor, page: visitor.page }
}

test('of 1,200 tags only those in view exist, and the last can be scrolled to', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server, '/tags')
  await using _ = visitor
  await until(() => page.getByTestId('tag-count').innerText()).toBe('1,200 tags')
  const rows = page.getByTestId('tags').locator('tbody:not(.spacer) tr')
  expect(await rows.count()).toBeLessThan(60)
  await page.keyboard.press('End')
  await page.getByText('spare.1190', { exact: true }).first().waitFor()
  expect(await rows.count()).toBeLessThan(60)
})

test('search and quality filter the list, by the address too', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server, '/tags?quality=bad')
  await using _ = visitor
  await until(() => page.getByTestId('tag-count').innerText()).toBe('1 tag')
  expect(await page.getByTestId('tags').innerText()).toContain('No answer in time')
  await page.getByLabel('Quality').selectOption('')
  await page.getByLabel('Search').fill('chlorine')
  await until(() => page.getByTestId('tag-count').innerText()).toBe('2 tags')
  expect(new URL(page.url()).search).toBe('?search=chlorine')
})

test('a live value replaces the old one; a stale one is marked and looks different', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server, '/tags')
  await using _ = visitor
  const row = page.getByTestId('tags').getByRole('row', { name: /Chlorine setpoint/ })
  await until(() => row.innerText()).toContain('0.500')
  server.sendSamples(['chlorine.setpoint'])
  await until(() => row.innerText()).toContain('1.800')
  const stale = page.getByTestId('tags').getByRole('row', { name: /Water temperature/ })
  expect(await stale.innerText()).toMatch(/Stale[\s\S]*3 min\. ago/)
  expect(await stale.getAttribute('class')).toBe('stale')
  server.sendSamples(['water.temperature'])
  await until(() => stale.getAttribute('class')).toBeNull()
})

test('a lost connection is told with its time, values grow stale, and the way back is told too', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await page.clock.install()
  await visitor.enter(server.sessionOf('li.wei'), '/tags/east-water/edge-1/polled/tower.level')
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')
  await page.getByTestId('now').waitFor()
  server.sendSamples(['tower.level'])
  server.away = true
  server.cutStreams()
  await until(async () => {
    await page.clock.runFor(1000)
    return page.getByTestId('live-lost').count()
  }).toBe(1)
  expect(await page.getByTestId('live-lost').innerText()).toMatch(/may be old since \w+ \d+, \d{4}, \d\d:\d\d:\d\d/)
  await page.clock.runFor(40_000)
  await until(() => page.getByTestId('now').getAttribute('class')).toContain('stale')
  expect(await page.getByTestId('now').innerText()).toContain('Stale')
  server.away = false
  await until(async () => {
    await page.clock.runFor(1000)
    return page.getByTestId('live-lost').count()
  }).toBe(0)
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')
})

test('the trend of a tag: lengths and own span in the address, zoom by dragging, back by double-click', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server, '/tags/east-water/edge-1/polled/chlorine.residual')
  await using _ = visitor
  await page.getByTestId('chart').locator('canvas').waitFor()
  await page.getByRole('button', { name: '24 hours' }).click()
  await until(() => new URL(page.url()).search).toBe('?span=24h')
  const area = page.locator('.u-over')
  const box = await area.boundingBox()
  if (box === null) throw new Error('the chart has no area')
  await page.mouse.move(box.x + box.width * 0.3, box.y + 60)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 })
  await page.mouse.up()
  await until(() => new URL(page.url()).search).toMatch(/^\?from=\d+&to=\d+$/)
  const { searchParams } = new URL(page.url())
  const hours = (Number(searchParams.get('to')) - Number(searchParams.get('from'))) / 3_600_000
  expect(hours).toBeGreaterThan(4)
  expect(hours).toBeLessThan(6)
  await page.getByRole('button', { name: 'Zoom out' }).click()
  await area.dblclick()
  await until(() => new URL(page.url()).search).toBe('')
  expect(visitor.offences).toEqual([])
})

test('a text has a table instead of a line', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server, '/tags/east-water/edge-1/polled/plc.model')
  await using _ = visitor
  await page.getByText('Text values have no line').waitFor()
  await until(() => page.getByRole('region', { name: 'Trend' }).getByRole('table').innerText()).toContain('SIM-1200 v2.1')
})
