import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { FAULTS } from '../../simulators/faults/faults.ts'
import { MimicServer } from '../../simulators/mimic/server.ts'
import { PLANTS, type PlantKind } from '../../simulators/plants/plant.ts'
import { Scenario } from '../../simulators/scenario.ts'
import { Simulator } from '../../simulators/simulator.ts'

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
})

async function serve(plant: PlantKind = 'water') {
  const config = Scenario.parse({ plant, modbus: { port: 0 }, operator: { enabled: false } })
  const simulator = new Simulator({ config, log: quietLog() })
  await simulator.start()
  running.push(simulator)
  const server = new MimicServer({ host: '127.0.0.1', port: 0, simulators: [simulator], log: quietLog() })
  await server.start()
  running.push(server)
  const url = `http://127.0.0.1:${server.port}/east-water`
  const post = (action: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body)
    })
  return { simulator, url, post }
}

/** The first thing that the stream tells. */
async function moment(url: string, language = 'en') {
  const ending = new AbortController()
  const reply = await fetch(`${url}/api/live?language=${language}`, { signal: ending.signal })
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? '\n\n'
  ending.abort()
  return JSON.parse(text.slice('data: '.length, text.indexOf('\n\n')))
}

describe('the mimic page', () => {
  it.each(PLANTS)('comes in both languages, with every tag of the picture in the map: %s', async (plant) => {
    const { url, simulator } = await serve(plant)
    const english = await (await fetch(`${url}/?language=en`)).text()
    const chinese = await (await fetch(`${url}/?language=zh-CN`)).text()
    expect(english).toContain({ water: 'water tower', heat: 'boiler house', gas: 'slam-shut' }[plant])
    expect(chinese).toContain({ water: '水塔', heat: '锅炉房', gas: '切断阀' }[plant])
    const drawn = [...english.matchAll(/data-(?:value|on|turns|alarm|level)="([^"]+)"/g)].map(([, tag]) => tag)
    expect(drawn.length).toBeGreaterThan(20)
    expect(drawn.filter((tag) => simulator.scene?.map.tags[tag ?? ''] === undefined)).toEqual([])
  })

  it('tells values and times in the language of the page', async () => {
    const { url } = await serve()
    const told = await moment(url)
    expect(told.clock).toMatch(/^Mon 08:/)
    expect(told.values['tower.level'].text).toMatch(/^\d\.\d{3} m$/)
    expect((await moment(url, 'zh-CN')).clock).toMatch(/^周一 08:/)
  })

  it('plays an attack and a breakdown by button, and shows their labels', async () => {
    const { url, post, simulator } = await serve()
    expect((await post('start', { name: 'setpoint-tamper' })).status).toBe(200)
    expect((await post('start', { name: 'breakdown', parameters: { what: 'pump1-trip' } })).status).toBe(200)
    const told = await moment(url)
    expect(told.playing).toEqual(['setpoint-tamper', 'pump1-trip'])
    expect(told.labels).toMatchObject([
      { name: 'pump1-trip', technique: null },
      { name: 'setpoint-tamper', technique: 'T0836', open: true }
    ])
    expect(simulator.scene?.works.troubles['pump1-trip']).toBe(1)
    expect((await post('stop', { name: 'pump1-trip' })).status).toBe(200)
    expect(simulator.scene?.works.troubles['pump1-trip']).toBe(0)
  })

  it('has a button for each fault that needs no more than a press, and each of them works', async () => {
    const { url, post, simulator } = await serve()
    const html = await (await fetch(`${url}/?language=en`)).text()
    const faults = [...html.matchAll(/data-play="([^"]+)"/g)].flatMap(([, name = '']) => (name in FAULTS ? [name] : []))
    const names = ['comms-loss', 'maintenance', 'plc-restart', 'slow-line']
    expect([...new Set(faults)]).toEqual([...names, 'breakdown'])
    for (const name of names) {
      expect([name, (await post('start', { name })).status]).toEqual([name, 200])
      expect(simulator.scene?.player.playing).toEqual([name])
      expect([name, (await post('stop', { name })).status]).toEqual([name, 200])
    }
  })

  it('is found from the root, in the language that was asked for', async () => {
    const { url } = await serve()
    const reply = await fetch(`${new URL(url).origin}/?language=zh-CN`)
    expect([reply.url, await reply.text()]).toEqual([`${url}/?language=zh-CN`, expect.stringContaining('<html lang="zh-CN">')])
  })

  it('says what it cannot play, and takes no orders from other pages', async () => {
    const { post, simulator } = await serve()
    expect(await (await post('start', { name: 'no-such' })).json()).toMatchObject({ code: 'PLAY_UNKNOWN' })
    expect((await post('start', { nothing: 1 })).status).toBe(400)
    expect((await post('start', { name: 'pump-stop' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(simulator.labels).toEqual([])
  })

  it.each([
    ['localhost', 200],
    ['127.0.0.1', 200],
    ['[::1]', 200],
    ['rebound.example', 403],
    ['127.0.0.1.rebound.example', 403]
  ])('answers under its addresses alone, whatever name leads here: %s', async (name, status) => {
    const { url } = await serve()
    const { port } = new URL(url)
    const asked = request(`${url}/`, { headers: { host: `${name}:${port}` } }).end()
    const [reply] = (await once(asked, 'response')) as [IncomingMessage]
    reply.resume()
    expect(reply.statusCode).toBe(status)
  })
})
