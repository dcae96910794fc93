// One alert: evidence and trend are there, people act on the version they looked at, and a conflict loses no word.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium, until, type Visit, Visitor } from './chromium.ts'
import { FixtureServer } from './fixture-server.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

const COLOURS = `new Set(new Uint32Array(
  document.querySelector('[data-testid=chart] canvas').getContext('2d').getImageData(0, 0, 600, 240).data.buffer
)).size`

async function open(server: FixtureServer, visit: Visit = {}) {
  const id = server.centre.alerts[0]?.alert.id ?? ''
  const visitor = await Visitor.come(browser, await server.start(), visit)
  await visitor.enter(server.sessionOf('li.wei'), `/alerts/${id}`)
  await visitor.page.getByTestId('reason').waitFor()
  return { visitor, page: visitor.page, id }
}

test('it says what, where, why, with which figures, and what to do', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server)
  await using _ = visitor
  expect(await page.getByTestId('reason').innerText()).toContain('above the agreed limit of 0.7 mg/L')
  const evidence = page.getByRole('region', { name: 'Evidence' })
  await until(() => evidence.innerText()).toMatch(/Value\s+1\.8 mg\/L[\s\S]*High limit\s+0\.7 mg\/L/)
  await evidence.getByText('Rule parameters').click()
  await until(() => evidence.innerText()).toMatch(/Must last\s+10 sec/)
  expect(await page.getByRole('region', { name: 'Facts' }).innerText()).toMatch(/T0836\s*Modify Parameter/)
  expect(await page.getByRole('region', { name: 'Facts' }).innerText()).toContain('Polled view')
  expect(await page.getByRole('region', { name: 'What to do' }).getByRole('listitem').count()).toBe(3)
  expect(await page.getByTestId('history').innerText()).toContain('Raised')
})

test('the trend of each tag is drawn around the event, with its gaps told in words and its figures as a table', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server)
  await using _ = visitor
  const charts = page.getByTestId('chart')
  await until(() => charts.locator('canvas').count()).toBe(2)
  expect(await charts.first().getAttribute('aria-label')).toContain('Trend of chlorine.setpoint')
  // A canvas that nobody drew on has one colour.
  await until(() => page.evaluate(COLOURS)).toBeGreaterThan(4)
  const trend = page.getByRole('region', { name: 'Trend around the event' })
  expect(await trend.innerText()).toMatch(/Agreed band[\s\S]*Gap[\s\S]*Bad quality[\s\S]*Event/)
  expect(await trend.innerText()).toContain('The message never arrived')
  await trend.getByText('Show as a table').first().click()
  await until(() => trend.getByRole('table').first().locator('tbody tr').count()).toBeGreaterThan(100)
  expect(await trend.getByRole('table').first().innerText()).toContain('No answer in time')
})

test('a grave alert is resolved with a disposition only; note and disposition are recorded', async () => {
  await using server = new FixtureServer()
  const { visitor, page } = await open(server)
  await using _ = visitor
  await page.getByLabel('Note').fill('The operator denies it.')
  await page.getByRole('button', { name: 'Resolve' }).click()
  await page.getByText('need a disposition before they are resolved').waitFor()
  await page.getByLabel('Disposition').selectOption('true-attack')
  await page.getByRole('button', { name: 'Resolve' }).click()
  await until(() => page.getByTestId('history').innerText()).toMatch(/Resolved li\.wei\s+The operator denies it\./)
  expect(await page.getByRole('region', { name: 'Facts' }).innerText()).toContain('True attack')
  expect(server.centre.alerts[0]?.alert).toMatchObject({ handling: 'resolved', disposition: 'true-attack' })
  await page.getByRole('button', { name: 'Comment' }).click()
  await page.getByText('Write a note first.').waitFor()
})

test('a conflict is explained, nothing is done, what was written stays, and the next try counts', async () => {
  await using server = new FixtureServer()
  const { visitor, page, id } = await open(server)
  await using _ = visitor
  await page.getByLabel('Note').fill('Checked on site.')
  server.centre.changeBehind(id)
  await page.getByRole('button', { name: 'Acknowledge' }).click()
  await page.getByTestId('conflict').getByText('your action was not carried out').waitFor()
  expect(await page.getByLabel('Note').inputValue()).toBe('Checked on site.')
  expect(await page.getByRole('region', { name: 'Facts' }).innerText()).toContain('wang.fang')
  expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Comment' }).click()
  await until(() => page.getByTestId('history').innerText()).toContain('Checked on site.')
  expect(await page.getByTestId('conflict').count()).toBe(0)
})

test('a change by others comes live', async () => {
  await using server = new FixtureServer()
  const { visitor, page, id } = await open(server)
  await using _ = visitor
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')
  server.centre.changeBehind(id)
  server.send('alert', server.centre.alerts[0]?.alert)
  await until(() => page.locator('.alert-marks').innerText()).toContain('Investigating')
})

test('an alert that does not exist is told as such', async () => {
  await using server = new FixtureServer()
  await using visitor = await Visitor.come(browser, await server.start())
  await visitor.enter(server.sessionOf('li.wei'), '/alerts/00000000-0000-4000-8000-0000000000ff')
  await visitor.page.getByText('This could not be loaded').waitFor()
})
