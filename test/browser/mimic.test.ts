// The mimic pages in a real browser: what moves, what is said, what is played by a press, and that the page knows when it is alone.
import { request } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { MimicServer } from '../../simulators/mimic/server.ts'
import { PLANTS, type PlantKind } from '../../simulators/plants/plant.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { Simulator } from '../../simulators/simulator.ts'
import { openChromium, until, type Visit, Visitor } from './chromium.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser.close())

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
})

async function serve(plants: readonly PlantKind[], { port = 0, speed = 60 } = {}) {
  const simulators = plants.map((plant, i) => {
    const config = Scenario.parse({ plant, site: `${plant}-${i + 1}`, speed, modbus: { port: 0 }, operator: { enabled: false } })
    return new Simulator({ config, log: quietLog() })
  })
  for (const simulator of simulators) await simulator.start()
  running.push(...simulators)
  const server = new MimicServer({ host: '127.0.0.1', port, simulators, log: quietLog() })
  await server.start()
  running.push(server)
  const [simulator] = simulators
  if (simulator === undefined) throw new Error('no plant')
  return { simulator, server, base: `http://127.0.0.1:${server.port}` }
}

async function visit(base: string, path: string, options: Visit = {}) {
  const visitor = await Visitor.come(browser, base, options)
  const complaints: string[] = []
  visitor.page.on('console', (message) => complaints.push(message.text()))
  await visitor.go(path)
  return Object.assign(visitor, { complaints })
}

const heightOf = ({ page }: Visitor, tag: string) =>
  page.evaluate<number>(`Number(document.querySelector('[data-level="${tag}"]').getAttribute('height'))`)
const TURNING = `[...document.querySelectorAll('.wheel')].filter((node) => getComputedStyle(node).animationName === 'turn').length`

describe('a plant', () => {
  test.each(PLANTS.flatMap((plant) => [['zh-CN', plant, 'light'] as const, ['en', plant, 'dark'] as const]))(
    'is seen in %s without complaints and without asking elsewhere: %s, %s',
    async (language, plant, theme) => {
      const { base } = await serve([plant])
      await using visitor = await visit(base, `/${plant}-1/?language=${language}`, { language, theme })
      await until(() => visitor.page.locator('dd[data-value]').first().innerText()).toMatch(/\d/)
      await until(() => visitor.page.locator('#clock').innerText()).toMatch(language === 'en' ? /^Mon \d\d:/ : /^周一 \d\d:/)
      expect(await visitor.page.locator('text[data-value]').allInnerTexts()).not.toContain('–')
      expect(await visitor.nameless()).toEqual([])
      expect(await visitor.wordless()).toEqual([])
      expect({ offences: visitor.offences, complaints: visitor.complaints }).toEqual({ offences: [], complaints: [] })
      const dark = await visitor.page.locator('body').evaluate('getComputedStyle(document.body).backgroundColor')
      expect(dark).toBe(theme === 'dark' ? 'rgb(18, 23, 27)' : 'rgb(245, 246, 247)')
    }
  )

  test('moves: values change, the tank follows its level, the wheel turns while the pump runs', async () => {
    const { base } = await serve(['water'], { speed: 600 })
    await using visitor = await visit(base, '/water-1/?language=en')
    const level = visitor.page.locator('dd[data-value="tower.level"]')
    await until(() => level.innerText()).toMatch(/^\d\.\d+ m$/)
    const [first, height] = [await level.innerText(), await heightOf(visitor, 'tower.level')]
    await until(() => level.innerText()).not.toBe(first)
    await until(() => heightOf(visitor, 'tower.level')).not.toBe(height)
    await until(() => visitor.page.evaluate<number>(TURNING)).toBeGreaterThan(0)
    await visitor.page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await visitor.page.evaluate(TURNING)).toBe(0)
  })

  test('can be read on a telephone', async () => {
    const { base } = await serve(['gas'])
    await using visitor = await visit(base, '/gas-1/?language=en', { size: { width: 390, height: 844 } })
    await until(() => visitor.page.locator('dd[data-value]').first().innerText()).toMatch(/\d/)
    expect(await visitor.isTooWide()).toBe(false)
  })
})

describe('what is played', () => {
  test('starts and ends by a press, is told as it happens, and stands among the alarms in words', async () => {
    const { base } = await serve(['water'])
    await using visitor = await visit(base, '/water-1/?language=en')
    const { page } = visitor
    await page.getByRole('button', { name: 'Tampered setpoint' }).click()
    await until(() => page.locator('#labels').innerText()).toMatch(/T0836 Tampered setpoint \S+, 127\.0\.0\.66/)
    const trip = page.getByRole('button', { name: 'Pump 1 trips' })
    await trip.click()
    await until(() => trip.getAttribute('aria-pressed')).toBe('true')
    await until(() => page.locator('#alarms').innerText()).toContain('▲ Pump 1 fault')
    await until(() => page.locator('.machine.alarm').count()).toBeGreaterThan(0)
    await trip.click()
    await until(() => trip.getAttribute('aria-pressed')).toBe('false')
    await until(() => page.locator('#labels li.open').count()).toBe(1)
    expect(visitor.offences).toEqual([])
  })

  test('can be played by keyboard, and a refusal is said', async () => {
    const { base, simulator } = await serve(['heat'])
    await using visitor = await visit(base, '/heat-1/?language=zh-CN', { language: 'zh-CN' })
    const { page } = visitor
    const leak = page.getByRole('button', { name: '二次网泄漏' })
    await leak.focus()
    await page.keyboard.press('Enter')
    await until(() => leak.getAttribute('aria-pressed')).toBe('true')
    expect(simulator.scene?.player.playing).toEqual(['leak'])
    await simulator.stopPlay('leak')
    await page.evaluate(
      `document.querySelector('[data-as="leak"]').setAttribute('aria-pressed', 'true'); document.querySelector('[data-as="leak"]').click()`
    )
    await until(() => page.locator('#fault').innerText()).toMatch(/leak/)
  })
})

describe('the page', () => {
  test('says that the simulator is away, and goes on when it is back', async () => {
    const { base, server } = await serve(['gas'])
    await using visitor = await visit(base, '/gas-1/?language=en')
    const { page } = visitor
    await until(() => page.locator('#clock').innerText()).toMatch(/\d/)
    const { port } = server
    await server.stop()
    await until(() => page.locator('#lost').innerText()).toContain('does not answer')
    expect(await page.locator('body').getAttribute('class')).toBe('stale')
    await serve(['gas'], { port })
    await until(() => page.locator('#lost').innerText(), { timeoutMs: 30_000 }).toBe('')
    expect(visitor.offences).toEqual([])
  })

  test('leads to the other PLCs of a town, and changes its language', async () => {
    const { base } = await serve(Array.from({ length: 8 }, () => 'heat' as const))
    await using visitor = await visit(base, '/heat-1/?language=en')
    const { page } = visitor
    await page.getByLabel('plant', { exact: true }).selectOption('heat-7')
    await until(() => page.locator('h1').innerText()).toBe('Heat station heat-7')
    await page.getByRole('link', { name: '中文' }).click()
    await until(() => page.locator('h1').innerText()).toBe('换热站 heat-7')
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  })

  test('is for its own visitors: no other page may play attacks or frame it, no other name leads to it', async () => {
    const { base, simulator, server } = await serve(['water'])
    await using visitor = await visit(base, '/water-1/?language=en')
    // A page of another origin on this machine.
    const other = await serve(['heat'])
    await using stranger = await visit(other.base, '/heat-1/')
    const status = await stranger.page.evaluate<string>(
      `fetch(${JSON.stringify(`${base}/water-1/api/start`)}, { method: 'POST', mode: 'no-cors', body: '{"name":"pump-stop"}' }).then((reply) => reply.type, () => 'refused')`
    )
    expect(['opaque', 'refused']).toContain(status)
    expect(await asked(server.port, { host: `evil.example:${server.port}` })).toBe(403)
    expect(await asked(server.port, { host: `127.0.0.1:${server.port}`, origin: 'http://evil.example' })).toBe(403)
    expect(await asked(server.port, { host: `127.0.0.1:${server.port}`, 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await asked(server.port, { host: `localhost:${server.port}` })).toBe(409)
    expect(simulator.labels).toEqual([])
    const policy = (await visitor.page.reload())?.headers()['content-security-policy']
    expect(policy).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
  })
})

function asked(port: number, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/water-1/api/start',
      headers: { 'content-type': 'application/json', ...headers }
    }
    const sent = request(options, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end('{"name":"no-such"}')
  })
}
