// The report of the range in a real browser: it asks for nothing, switches its language without a script, and can be read in light and dark.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reportPage } from '../../range/report-page.ts'
import type { Trend } from '../../range/report-trend.ts'
import { LABELS, someBoard } from '../range/board-parts.ts'
import { openChromium } from './chromium.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-report-'))
const file = join(folder, 'board.html')
const trend: Trend = {
  tag: 'level',
  title: { zh: '水位', en: 'Level' },
  unit: 'm',
  points: [
    [0, 1, 2],
    [900_000, 2, 3]
  ]
}

let browser: Browser
beforeAll(async () => {
  const details = new Map([['two-attacks', { labels: LABELS, trends: [trend] }]])
  writeFileSync(file, reportPage({ board: someBoard(), details, language: 'zh-CN', missed: [{ zh: '缺一项', en: 'one is missed' }] }))
  browser = await openChromium()
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

// WCAG 2.2, 1.4.3: the contrast of each piece of text with the ground that it stands on.
const LOWEST_CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const luminance = (colour) => {
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const groundOf = (node) => {
    const colour = getComputedStyle(node).backgroundColor
    return colour === 'rgba(0, 0, 0, 0)' && node.parentElement ? groundOf(node.parentElement) : colour
  }
  const ratios = [...document.querySelectorAll('body :not(title)')]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== ''))
    .map((node) => {
      const style = getComputedStyle(node)
      const [a, b] = [luminance(node.closest('svg') ? style.fill : style.color), luminance(groundOf(node))]
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    })
  return { texts: ratios.length, lowest: Math.min(...ratios) }
})()`

test.each(['light', 'dark'] as const)('the page can be read in %s and asks for nothing', async (colorScheme) => {
  const page = await browser.newPage({ colorScheme })
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(pathToFileURL(file).href)
  const { texts, lowest } = await page.evaluate<{ texts: number; lowest: number }>(LOWEST_CONTRAST)
  expect(texts).toBeGreaterThan(50)
  expect(lowest).toBeGreaterThanOrEqual(4.5)
  expect({ asked, complaints }).toEqual({ asked: [pathToFileURL(file).href], complaints: [] })
  await page.close()
})

test('one press changes the language of everything', async () => {
  const page = await browser.newPage()
  await page.goto(pathToFileURL(file).href)
  expect(await page.locator('h1').innerText()).toBe('靶场成绩')
  await page.getByLabel('English').check()
  expect(await page.locator('h1').innerText()).toBe('The board of the range')
  expect(await page.locator('body').innerText()).not.toContain('误报')
  await page.close()
})
