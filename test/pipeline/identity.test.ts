// Whose word counts: forged, unsigned, repeated and foreign health changes nothing, is kept aside and alerted; a person alone changes a key.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Health } from '#contract/agent-status.ts'
import { encode } from '#contract/codec.ts'
import { publicKeyText, signHealth } from '#contract/signature.ts'
import { topicOf } from '#contract/topics.ts'
import { parsePack } from '#rules/pack.ts'
import { AgentKeyTable } from '../../collector/agent-key-table.ts'
import { AgentKeys } from '../../collector/agent-keys.ts'
import { Audit } from '../../collector/audit.ts'
import { readListedKeys } from '../../collector/listed-keys.ts'
import { openCollectorDatabase } from '../../collector/store/database.ts'
import { temporaryFolder, until } from '../parts/wait.ts'
import type { Spoken } from './voice.ts'
import { World } from './world.ts'

const BASE = parsePack(parse(await readFile(new URL('../../rules/packs/base.yaml', import.meta.url), 'utf8')))
const NAME = { site: 'east', agent: 'edge-1' }
const newKey = () => generateKeyPairSync('ed25519').privateKey

function health(change: Partial<Health> = {}): Health {
  return {
    kind: 'health',
    schema: 1,
    ...NAME,
    boot: 1,
    time: Date.now(),
    uptimeSeconds: 10,
    samplesRead: 0,
    samplesQueued: 0,
    pollsLate: 0,
    devices: [],
    outbox: { messages: 0, bytes: 0, oldestAt: null, droppedMessages: 0 },
    publisher: { published: 0, resent: 0, watermark: null, ignoredAcks: 0 },
    rssBytes: 1,
    ...change
  }
}

const spoken = (message: Health): Spoken => ({ topic: topicOf({ ...NAME, kind: 'health' }), payload: encode('health', message) })

it('believes the first key of an agent only, tells every forgery, and takes another key only from a person', async () => {
  await using world = await World.open({ packs: [BASE] })
  const voice = await world.voice()
  const [own, rogue] = [newKey(), newKey()]
  const key = publicKeyText(own)
  const { agentKeys, plant } = world.spine
  const view = () => agentKeys.views()[0]
  const believed = async () => (await plant.overview()).sites[0]?.agents[0]?.health?.samplesRead
  const alerts = () => world.spine.alerts.active().map(({ rule }) => rule)

  await world.hears(voice, voice.birth({ key }), spoken(signHealth(health({ samplesRead: 1 }), own)))
  expect(view()).toMatchObject({ state: 'trusted', key, basis: 'first-use', refused: 0 })
  expect(await believed()).toBe(1)
  const trail = world.database.prepare('SELECT action FROM audit').all()
  expect(trail.map((row) => row['action'])).toContain('agent-key.first-use')

  const forgeries: readonly [Health, string][] = [
    [health({ uptimeSeconds: 20, samplesRead: 2 }), 'missing-signature'],
    [{ ...signHealth(health({ uptimeSeconds: 20 }), own), samplesRead: 2 }, 'wrong-signature'],
    [{ ...signHealth(health({ uptimeSeconds: 20, samplesRead: 2 }), rogue), key }, 'wrong-signature'],
    [signHealth(health({ uptimeSeconds: 20, samplesRead: 2 }), rogue), 'other-key']
  ]
  for (const [forged, why] of forgeries) {
    await world.hears(voice, spoken(forged))
    expect(view()?.lastRefused?.why).toBe(why)
  }
  expect([await believed(), view()?.refused, view()?.state]).toEqual([1, 4, 'contested'])
  await until(() => alerts().length === 2, { what: 'the alerts' })
  expect(alerts().sort()).toEqual(['base/agent-health-forged', 'base/agent-key-changed'])
  expect((await plant.quarantine()).map(({ code }) => code)).toEqual(['MISTRUSTED', 'MISTRUSTED', 'MISTRUSTED'])

  await world.hears(voice, spoken(signHealth(health({ uptimeSeconds: 25, samplesRead: 3 }), own)))
  expect(await believed()).toBe(3)
  // The birth is read all the same, or its samples would be lost; its key is not taken.
  await world.hears(voice, voice.birth({ key: publicKeyText(rogue), version: '9' }), voice.samples(1))
  expect(view()).toMatchObject({ key, offered: { key: publicKeyText(rogue) } })
  expect(() => agentKeys.accept({ ...NAME, key: 'another', account: 'guard' })).toThrow(
    expect.objectContaining({ code: 'KEY_NOT_OFFERED' })
  )
  expect(agentKeys.accept({ ...NAME, key: publicKeyText(rogue), account: 'guard' })).toMatchObject({
    state: 'trusted',
    basis: 'accepted',
    by: 'guard'
  })
  await world.hears(voice, spoken(signHealth(health({ uptimeSeconds: 30, samplesRead: 4 }), rogue)))
  expect(await believed()).toBe(4)
})

it('ends what was found just before the collector was killed', async () => {
  const text = { zh: '试。', en: 'Test.' }
  const words = { title: text, why: text, reason: text, advice: [text], severity: 3, clearAfterSeconds: 0 }
  const checks = ['fleet/identity', 'fleet/stopped'].map((rule) => ({ id: rule.replace('fleet/', ''), rule, parameters: {}, ...words }))
  const packs = [parsePack({ id: 'test', version: '1', title: text, sector: 'any', checks })]
  const own = newKey()
  let folder: string
  {
    await using world = await World.open({ packs })
    const voice = await world.voice()
    await world.hears(voice, voice.birth({ key: publicKeyText(own) }), spoken(signHealth(health(), own)))
    // The state of the rules is kept with the first that is stored, and not again for some time.
    await world.hears(voice, voice.samples(1))
    await world.shows('the kept state', () => world.database.prepare('SELECT 1 FROM judgement').get() !== undefined)
    await world.hears(voice, spoken(health()), voice.death('stopped'))
    await world.shows('the alerts', () => world.spine.alerts.active().length === 2)
    folder = await world.killed()
  }
  await using world = await World.open({ folder, packs })
  const voice = await world.voice()
  await world.hears(voice, voice.birth({ key: publicKeyText(own) }), spoken(signHealth(health({ uptimeSeconds: 20 }), own)))
  await world.shows('the end of both', () => world.spine.alerts.active().length === 0)
})

it('does not count as a sign of life what it does not believe', async () => {
  await using world = await World.open()
  const voice = await world.voice()
  const own = newKey()
  await world.hears(voice, voice.birth({ key: publicKeyText(own) }), spoken(health()))
  const agent = (await world.spine.plant.overview()).sites[0]?.agents[0]
  expect(agent).toMatchObject({ state: 'silent', lastHeard: null, health: null })
})

it('lets a broker say a message twice, and alerts what comes again or is older, also over a restart', async () => {
  const folder = await temporaryFolder()
  const database = openCollectorDatabase({ file: join(folder, 'collector.db') })
  let now = 1_000_000
  const open = () => new AgentKeys({ table: new AgentKeyTable({ database }), audit: new Audit({ database }), listed: null, now: () => now })
  const own: KeyObject = newKey()
  const said = (boot: number, uptimeSeconds: number, time = 5) => signHealth(health({ boot, uptimeSeconds, time }), own)
  let keys = open()
  const outcome = (message: Health) => {
    const verdict = keys.hearHealth(message)
    return verdict.believed ? 'believed' : verdict.repeat ? 'repeat' : verdict.why
  }
  now += 100_000
  const first = said(1, 10)
  expect([first, first, first].map(outcome)).toEqual(['believed', 'repeat', 'replayed'])
  // The clock of the agent went back, its uptime did not.
  expect([said(1, 25, 1), said(1, 24, 9), said(2, 1, 0), said(1, 99, 99)].map(outcome)).toEqual([
    'believed',
    'replayed',
    'believed',
    'replayed'
  ])
  expect([keys.refused, keys.views()[0]?.lastRefused?.why]).toEqual([3, 'replayed'])
  keys.save()
  keys = open()
  expect(outcome(said(2, 1, 0))).toBe('repeat')
  now += 100_000
  expect([said(2, 1, 0), said(2, 2, 0)].map(outcome)).toEqual(['replayed', 'believed'])
  database.close()
})

it('in a strict centre believes the listed keys only, from the config or from a folder', async () => {
  const folder = await temporaryFolder()
  const [own, other] = [newKey(), newKey()]
  await mkdir(join(folder, 'keys'))
  await writeFile(join(folder, 'keys', 'east.edge-2.pub'), `${publicKeyText(other)}\n`)
  const listed = await readListedKeys({ keys: 'listed', listed: [{ ...NAME, key: publicKeyText(own) }], folder: join(folder, 'keys') })
  expect([...(listed?.keys() ?? [])]).toEqual(['east/edge-1', 'east/edge-2'])
  const database = openCollectorDatabase({ file: join(folder, 'collector.db') })
  const keys = new AgentKeys({ table: new AgentKeyTable({ database }), audit: new Audit({ database }), listed })
  expect(keys.hearHealth(signHealth(health(), own))).toEqual({ believed: true, signed: true })
  expect(keys.hearHealth(signHealth(health({ uptimeSeconds: 20 }), other))).toMatchObject({ believed: false, why: 'other-key' })
  expect(keys.hearHealth(signHealth(health({ agent: 'edge-3' }), other))).toMatchObject({ believed: false, why: 'unknown-key' })
  expect(keys.hearHealth(health({ agent: 'edge-3' }))).toMatchObject({ believed: false, why: 'unknown-key' })
  expect(() => keys.accept({ ...NAME, key: publicKeyText(other), account: 'guard' })).toThrow(
    expect.objectContaining({ code: 'KEYS_ARE_LISTED' })
  )
  await writeFile(join(folder, 'keys', 'east.pub'), 'x')
  await expect(readListedKeys({ keys: 'listed', listed: [], folder: join(folder, 'keys') })).rejects.toMatchObject({ code: 'SECRET_FAULT' })
  database.close()
})
