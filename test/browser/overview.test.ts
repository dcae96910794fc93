// The first screen says whether anything is wrong and where; calm when all is normal, never calm about what it cannot see.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium, until, Visitor } from './chromium.ts'
import { FixtureServer } from './fixture-server.ts'
import { parts } from './fixture-situation.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

test('normal is calm: one sentence, nothing in colour', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'calm'
  await using visitor = await Visitor.come(browser, await server.start())
  await visitor.enter(server.sessionOf('li.wei'))
  const verdict = visitor.page.getByTestId('verdict')
  await until(() => verdict.innerText()).toContain('Nothing needs a person now')
  expect(await verdict.innerText()).toContain('2 sites, 4 devices and 1,284 tags are watched')
  expect(await visitor.page.locator('.state.fail, .state.doubt, .problem, .severity').count()).toBe(0)
})

test('without any agent nothing is known, and the page says so', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'empty'
  await using visitor = await Visitor.come(browser, await server.start(), { language: 'zh-CN' })
  await visitor.enter(server.sessionOf('li.wei'))
  const verdict = visitor.page.getByTestId('verdict')
  await until(() => verdict.innerText()).toContain('尚无观测，状态未知')
  expect(await verdict.getAttribute('class')).toContain('unknown')
})

test('trouble: store away with what waits, silent agent with unknown devices, each a link', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'trouble'
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'))
  const verdict = page.getByTestId('verdict')
  await verdict.getByText('The centre: the store is failing').waitFor()
  await verdict.getByText('North Heat Substation: agent edge-2 is silent').waitFor()
  const store = page.getByTestId('part-store')
  expect(await store.innerText()).toContain('InfluxDB cannot be reached')
  expect(await store.innerText()).toContain('1,284 messages wait; nothing is lost.')
  const heat = page.getByTestId('sites').getByRole('row', { name: /North Heat Substation/ })
  expect(await heat.innerText()).toMatch(/Unknown/)
  await verdict.getByRole('link', { name: 'East Waterworks: 1 tag is bad' }).click()
  await page.getByRole('heading', { name: 'Tags and trends' }).waitFor()
  expect(new URL(page.url()).search).toBe('?site=east-water&quality=bad')
})

test('changes come live: a part that recovers, a part that fails', async () => {
  await using server = new FixtureServer()
  server.centre.kind = 'calm'
  await using visitor = await Visitor.come(browser, await server.start())
  const { page } = visitor
  await visitor.enter(server.sessionOf('li.wei'))
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')
  server.send('parts', parts(Date.now(), 'trouble'))
  await page.getByTestId('verdict').getByText('The centre: the store is failing').waitFor()
  server.send('parts', parts(Date.now(), 'calm'))
  await until(() => page.getByTestId('verdict').innerText()).toContain('Nothing needs a person now')
})
