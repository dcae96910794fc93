// Faults beside the spine that must not stop it: live events that cannot be told, a database that is locked, alerts that cannot be made.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SILENCE_PACK } from './packs.ts'
import { World } from './world.ts'

describe('a centre without its broker', () => {
  it('calls no agent silent before it can hear again', async () => {
    await using world = await World.open({ packs: [SILENCE_PACK] })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    world.spine.centre.failing('broker', { zh: '未连接', en: 'away' })
    await sleep(3000)
    expect(world.alerts()).toEqual([])
    world.spine.centre.ok('broker')
    await world.shows('a silence that is one', () => world.alerts().length === 1)
  })
})

describe('a broker that never answers', () => {
  it('does not keep the centre from storing what it has when it stops', async () => {
    let told = 0
    const publish = () => {
      told++
      return new Promise<void>(() => undefined)
    }
    const world = await World.open({ publish })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    await world.shows('a watermark on its way', () => told > 0)
    const pending = world.begins(agent, agent.samples(2))
    await world.spine.stop()
    await Promise.all(pending)
    expect(await world.count()).toBe(6)
    await world.stop()
  })
})

describe('the spine goes on', () => {
  it('when nothing can be told live', async () => {
    const live = {
      clients: 1,
      publish() {
        throw new Error('nobody can be told')
      }
    }
    await using world = await World.open({ live })
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1, { level: 12 }), agent.samples(2))
    await world.shows('the watermark', () => world.ack(agent) === '1:2')
    expect(world.alerts()).toEqual(['test/level tower.level cleared x1 T0836'])
  })

  it('when a finding cannot be made an alert, with the other findings and the place', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    // A check whose texts cannot be written: as a fault of ours would show itself.
    const check = world.spine.checkOf('test/level')
    if (check === undefined) throw new Error('there is no such check')
    const title = check.title
    Object.defineProperty(check, 'title', { configurable: true, get: () => ({ zh: 1n, en: 1n }) })
    const fast = [2, 3, 4, 5, 6, 7, 8].map((n) => agent.samples(n, { change: { values: [12, 120, 'auto'] } }))
    await world.hears(agent, ...fast)
    await world.shows('the watermark', () => world.ack(agent) === '1:8')
    expect(world.alerts().map((line) => line.split(' ')[0])).toEqual(['test/pump-fast'])
    Object.defineProperty(check, 'title', { value: title })
    expect(world.spine.centre.isFailing('store')).toBe(false)
  })

  it('when the database will not have an alert, which is no better the next time', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    world.database.exec(`CREATE TRIGGER no_alert BEFORE INSERT ON alerts WHEN NEW.rule = 'test/level' BEGIN SELECT RAISE(ABORT, 'no'); END`)
    await world.hears(agent, agent.samples(2, { level: 12 }))
    await world.shows('the watermark', () => world.ack(agent) === '1:2')
    expect(world.alerts()).toEqual([])
  })

  it('when the database was locked for a while, without losing the alert or the place', async () => {
    await using world = await World.open()
    const agent = await world.voice()
    await world.hears(agent, agent.birth(), agent.samples(1))
    world.database.exec('PRAGMA busy_timeout = 20')
    const other = new DatabaseSync(join(world.folder, 'collector.db'))
    other.exec('BEGIN IMMEDIATE')
    const pending = world.hears(agent, agent.samples(2, { level: 12 }))
    await world.shows('the store as failing', () => world.spine.centre.isFailing('store'))
    other.exec('ROLLBACK')
    other.close()
    await pending
    await world.shows('the watermark', () => world.ack(agent) === '1:2')
    expect(world.alerts()).toEqual(['test/level tower.level active x1 T0836'])
    await world.shows('the store as ok', () => !world.spine.centre.isFailing('store'))
  })
})
