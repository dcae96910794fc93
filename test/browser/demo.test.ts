// The whole chain as a newcomer meets it: simulated plant, agent, collector and this console, until an attack is an alert on a page.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atEnd } from '../parts/at-end.ts'
import { until as waitUntil } from '../parts/wait.ts'
import { openChromium, until, Visitor } from './chromium.ts'

const COMMAND = join(import.meta.dirname, '../../penstock.ts')
const LIMIT = { timeoutMs: 60_000 }

let browser: Browser
let demo: ChildProcess
let base = ''
let password = ''

beforeAll(async () => {
  browser = await openChromium()
  demo = spawn(process.execPath, [COMMAND, 'demo', '--language', 'en', '--port', '0', '--attack-after', '12', '--for', '180s'])
  atEnd(() => demo.kill('SIGKILL'))
  let output = ''
  for (const stream of [demo.stdout, demo.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  await waitUntil(() => /operator +\S+/.test(output) || demo.exitCode !== null, { what: 'the greeting of the demo', ...LIMIT })
  if (demo.exitCode !== null) throw new Error(`the demo ended:\n${output}`)
  base = /http:\/\/\S+/.exec(output)?.[0] ?? ''
  password = /operator +(\S+)/.exec(output)?.[1] ?? ''
})

afterAll(async () => {
  await browser?.close()
  if (demo?.exitCode !== null) return
  const gone = once(demo, 'exit')
  demo.kill('SIGINT')
  await gone
})

test('a newcomer signs in, sees live values, and the attack becomes an alert that can be worked on', async () => {
  await using visitor = await Visitor.come(browser, base)
  const { page } = visitor
  await visitor.signIn('operator', 'wrong')
  await page.getByTestId('sign-in-fault').waitFor()
  await page.locator('input[name=password]').fill(password)
  await page.locator('button[type=submit]').click()
  const verdict = page.getByTestId('verdict')
  await verdict.waitFor()
  await until(() => page.getByTestId('live-mark').innerText()).toBe('Live')

  // Live values of the plant.
  await page.getByRole('link', { name: 'Tags and trends' }).click()
  const level = page.getByTestId('tags').getByRole('row', { name: /tower\.level/ })
  await until(() => level.innerText(), LIMIT).toMatch(/\d\.\d{3} m\s+Good/)
  const seen = new Set<string>()
  await until(async () => seen.add(await level.locator('.value').innerText()).size, LIMIT).toBeGreaterThan(2)

  // Only reads were sent.
  await page.getByRole('link', { name: 'Devices' }).click()
  await until(() => page.getByTestId('proof').innerText(), LIMIT).toMatch(
    /[1-9]\d* requests sent .*all of them reads.*\(1, 2, 3, 4\); the guard refused 0/
  )

  // The attack reaches the open queue by itself.
  await page.getByRole('link', { name: 'Alert queue' }).click()
  const alert = page.locator('a[data-alert]', { hasText: 'Chlorine setpoint' })
  await until(async () => {
    const show = page.getByRole('button', { name: 'Show' })
    if ((await show.count()) > 0) await show.click()
    return alert.count()
  }, LIMIT).toBe(1)
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await until(() => page.getByTestId('alerts').locator('tbody tr').first().innerText()).toContain('Acknowledged')
  await page.keyboard.press('Enter')

  // Evidence, trend, advice, history.
  await until(() => page.getByTestId('reason').innerText()).toContain('1.8 mg/L')
  await until(() => page.getByTestId('chart').first().locator('canvas').count()).toBe(1)
  expect(await page.getByRole('region', { name: 'Facts' }).innerText()).toMatch(/T0836\s*Modify Parameter/)
  expect(await page.getByRole('region', { name: 'What to do' }).getByRole('listitem').count()).toBeGreaterThan(1)
  expect(await page.getByTestId('history').innerText()).toMatch(/Acknowledged operator[\s\S]*Raised/)
  await page.getByRole('region', { name: 'Trend around the event' }).getByText('Show as a table').first().click()
  await until(() => page.getByRole('region', { name: 'Trend around the event' }).getByRole('table').first().innerText()).toContain('1.80')

  // Every page of a security operator, in Chinese.
  await page.getByTestId('language').click()
  for (const path of ['/', '/alerts', '/tags/east-water/edge-1/polled/tower.level', '/rules', '/centre']) {
    await visitor.go(path)
    await page.locator('main h1').waitFor()
    await until(() => page.locator('.loading').count()).toBe(0)
    expect.soft(await visitor.nameless(), path).toEqual([])
    expect.soft(await visitor.wordless(), path).toEqual([])
  }
  expect(visitor.offences).toEqual([])
})
