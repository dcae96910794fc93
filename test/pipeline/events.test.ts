// Device events from the agent to the list, the alert and the live page: each once, whatever is sent again or killed.
import { beforeAll, describe, expect, it } from 'vitest'
import type { Pack } from '#rules/pack.ts'
import { readPacks } from '../../collector/packs.ts'
import { packOf } from '../rules/rehearsal.ts'
import { START, type Voice } from './voice.ts'
import { World } from './world.ts'

let packs: readonly Pack[]
beforeAll(async () => {
  packs = await readPacks({ language: 'en' })
})

const messages = async (world: World) => {
  const { events } = await world.spine.plant.events({ limit: 200 })
  return events.map(({ message }) => message).reverse()
}
const said = (agent: Voice, sequence: number, ...names: string[]) => agent.events(sequence, ...names.map((message) => ({ message })))

describe('a changed certificate', () => {
  it('is listed, raises an alert with its figures and is told live', async () => {
    await using world = await World.open({ packs })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1), agent.events(2), agent.samples(3))
    await world.shows('the watermark', () => world.ack(agent) === '1:3')
    const { events, leftOut } = await world.spine.plant.events({ device: 'plc-1', kind: 'certificate', limit: 10 })
    expect(events).toMatchObject([{ site: 'east', agent: 'edge-1', change: 'changed', details: { before: 'a1b2', after: 'c3d4' } }])
    expect(leftOut).toEqual([])
    const [alert] = world.spine.alerts.find({}).alerts
    expect(alert).toMatchObject({ rule: 'base/server-certificate-changed', device: 'plc-1', tag: null, techniques: ['T0830', 'T0849'] })
    expect(alert?.reason.en).toBe(
      'The certificate of plc-1 is another than before, or not trusted (The server shows another certificate than before.).'
    )
    expect(alert?.firstSeen).toBe(START + 3_600_000 + 2000)
    await world.shows('the event told live', () => world.live.some(({ event, data }) => event === 'events' && data.events.length === 1))
    expect(await world.codes()).toEqual([])
  })

  it('is no alert when it is seen for the first time, nor is an alarm of the plant', async () => {
    await using world = await World.open({ packs })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.events(1, { change: 'first' }, { kind: 'alarm', change: 'told', severity: 900 }))
    await world.shows('the watermark', () => world.ack(agent) === '1:1')
    expect(await messages(world)).toHaveLength(2)
    expect(world.alerts()).toEqual([])
  })
})

describe('events', () => {
  it('that come twice are kept once, behind a hole too', async () => {
    await using world = await World.open({ packs, limits: { holdSeconds: 60 } })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), said(agent, 1, 'one'), said(agent, 3, 'three'), said(agent, 3, 'three'))
    expect(world.ack(agent)).not.toBe('1:3')
    await world.hears(agent, said(agent, 2, 'two'), said(agent, 1, 'one'))
    await world.shows('the watermark', () => world.ack(agent) === '1:3')
    expect(await messages(world)).toEqual(['one', 'two', 'three'])
    expect(world.spine.alerts.find({}).alerts).toMatchObject([{ count: 1, condition: 'active' }])
  })

  it('that were lost on the way leave a hole, and what comes late is still kept', async () => {
    await using world = await World.open({ packs })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), said(agent, 1, 'one'), said(agent, 3, 'three'))
    await world.shows('the hole', async () => (await world.gaps()).join() === '1:2-2 never-arrived')
    await world.hears(agent, said(agent, 2, 'two'))
    expect(await world.gaps()).toEqual([])
    expect(await messages(world)).toEqual(['one', 'two', 'three'])
  })

  it('are kept and judged exactly once over a kill, as often as it is sent again', async () => {
    const first = await World.open({ packs })
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), said(agent, 1, 'one'), said(agent, 2, 'two'))
    const pending = first.begins(agent, said(agent, 3, 'three'))
    const folder = await first.killed()
    await Promise.all(pending)
    await first.stop()
    await using world = await World.open({ packs, folder })
    await world.hears(agent, said(agent, 1, 'one'), said(agent, 2, 'two'), said(agent, 3, 'three'), said(agent, 4, 'four'))
    await world.shows('the watermark', () => world.ack(agent) === '1:4')
    expect(await messages(world)).toEqual(['one', 'two', 'three', 'four'])
    const { alerts } = world.spine.alerts.find({})
    expect(alerts).toMatchObject([{ rule: 'base/server-certificate-changed', condition: 'active', count: 1 }])
  })

  it('before a kill count towards a number of them after it', async () => {
    const often = packOf([{ rule: 'fleet/device-event', parameters: { kinds: ['session'], changes: ['worse'], times: 3 } }])
    const refused = { kind: 'session', change: 'worse' } as const
    const first = await World.open({ packs: [often] })
    const agent = await first.voice()
    await first.hears(agent, agent.birth(), agent.events(1, refused), agent.events(2, refused))
    const folder = await first.killed()
    await first.stop()
    await using world = await World.open({ packs: [often], folder })
    await world.hears(agent, agent.events(3, refused))
    expect(world.spine.alerts.find({}).alerts).toMatchObject([
      { rule: 'test/check-0', device: 'plc-1', firstSeen: START + 3_600_000 + 3000 }
    ])
  })
})

describe('a gap of one device', () => {
  it('is listed with its device and is no loss of the agent', async () => {
    await using world = await World.open({ packs })
    const agent = await world.voice()
    const gap = agent.gap(2, 2, { device: 'plc-1', reason: 'device-slow', samples: 7 })
    await world.hears(agent, agent.birth(), agent.samples(1), gap, gap, agent.samples(3))
    await world.shows('the watermark', () => world.ack(agent) === '1:3')
    expect(await world.spine.plant.gaps({})).toMatchObject([{ device: 'plc-1', first: 2, last: 2, reason: 'device-slow', samples: 7 }])
    expect(await world.spine.plant.gaps({ device: 'plc-2' })).toEqual([])
    expect(world.spine.plant.deviceOf({ site: 'east', agent: 'edge-1', tag: 'tower.level' })).toBe('plc-1')
    expect((await world.spine.plant.overview()).sites[0]?.agents[0]?.gaps).toBe(0)
  })
})

describe('a clock that is off', () => {
  it('is told from the health of the agent', async () => {
    const atOnce = packOf([{ rule: 'fleet/clock', parameters: { moreThanSeconds: 5, forSeconds: 0 } }])
    await using world = await World.open({ packs: [atOnce] })
    const agent = await world.voice()
    const clock = { synchronised: false, offsetMs: -8000, aheadMs: 0 }
    await world.hears(agent, agent.birth(), agent.health({ clock }))
    await world.shows('the alert', () => world.alerts().length === 1)
    expect(world.spine.alerts.find({}).alerts).toMatchObject([{ kind: 'fleet/clock', device: null, condition: 'active' }])
    await world.hears(agent, agent.health({ clock: { ...clock, offsetMs: 3 } }))
    await world.shows('the end', () => world.spine.alerts.find({}).alerts[0]?.condition === 'cleared')
  })
})
