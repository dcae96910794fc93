// The publisher against a real Mosquitto and a receiver that plays the collector.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { decode, encode } from '#contract/codec.ts'
import type { Position } from '#contract/envelope.ts'
import { parseTopic, topicOf } from '#contract/topics.ts'
import { BrokerClient, BrokerConfig } from '#runtime/broker.ts'
import { quietLog } from '#runtime/log.ts'
import { Columns } from '../../../agent/publish/columns.ts'
import { type Outbox, openOutbox } from '../../../agent/publish/outbox.ts'
import { Publisher, type PublisherOptions } from '../../../agent/publish/publisher.ts'
import { type Mosquitto, startMosquitto } from '../../parts/mosquitto.ts'
import { temporaryFolder, until } from '../../parts/wait.ts'

const name = { site: 'east', agent: 'edge-1' }
const log = quietLog()

function clientOf(mosquitto: Mosquitto, clientId: string): BrokerClient {
  const config = BrokerConfig.parse({ url: mosquitto.url })
  return new BrokerClient({ config, clientId, clean: true, log, backoffMs: { min: 20, max: 100 } })
}

// What a collector hears, in order, and what it says.
async function collectorOn(mosquitto: Mosquitto) {
  const heard: { kind: string; sequence: number; boot: number }[] = []
  const client = clientOf(mosquitto, 'collector')
  client.subscribe(['penstock/v1/+/+/+/birth', 'penstock/v1/+/+/+/samples', 'penstock/v1/+/+/+/gap'], async (topic, payload) => {
    const { kind } = parseTopic(topic)
    if (kind === 'birth') heard.push({ kind, sequence: 0, boot: 0 })
    else if (kind === 'samples' || kind === 'gap') heard.push(decode(kind, payload))
  })
  await client.start()
  await until(() => client.connected, { what: 'the collector to be connected' })
  const say = (payload: Buffer) => client.publish(topicOf({ ...name, kind: 'ack' }), payload, { retain: true })
  return {
    heard,
    sequences: () => heard.filter(({ kind }) => kind !== 'birth').map(({ sequence }) => sequence),
    say,
    acknowledge: (position: Position) => say(encode('ack', position)),
    [Symbol.asyncDispose]: () => client.stop()
  }
}

async function publisherOn(mosquitto: Mosquitto, options: Partial<PublisherOptions> = {}) {
  const file = join(await temporaryFolder(), 'outbox.db')
  const outbox = openOutbox({ ...name, file, maxBytes: 1 << 30, maxAgeMs: 3.6e6, log })
  const broker = clientOf(mosquitto, 'agent')
  const ending = new AbortController()
  const birth = () => Buffer.from('birth')
  const publisher = new Publisher({
    ...name,
    broker,
    outbox,
    acknowledge: 'collector',
    window: 4,
    resendAfterMs: 300,
    keepSentMs: 0,
    liveAfterMs: 30_000,
    replay: { factor: 2, atLeast: 1000 },
    birth,
    log,
    ...options
  })
  publisher.listen()
  await broker.start()
  const running = publisher.run(ending.signal)
  return {
    outbox,
    publisher,
    put: (count: number) => {
      for (let i = 0; i < count; i++) put(outbox)
      publisher.wake()
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
      await broker.stop()
      outbox.close()
    }
  }
}

function put(outbox: Outbox): Position {
  const columns = new Columns(1000)
  columns.add(1, Date.now(), 1, 0)
  return outbox.putSamples(columns)
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

it('sends the birth first, then in order, no more than the window ahead of the watermark', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto, { resendAfterMs: 60_000 })
  agent.put(10)
  await until(() => collector.sequences().length >= 4, { what: 'the window to be full' })
  await sleep(100)
  expect(collector.heard[0]?.kind).toBe('birth')
  expect(collector.sequences()).toEqual([1, 2, 3, 4])
  await collector.acknowledge({ boot: agent.outbox.boot, sequence: 3 })
  await until(() => collector.sequences().length >= 7, { what: 'three more' })
  expect(collector.sequences()).toEqual(range(1, 7))
  await collector.acknowledge({ boot: agent.outbox.boot, sequence: 7 })
  await until(() => collector.sequences().length >= 10, { what: 'the rest' })
  expect(agent.publisher.drained).toBe(false)
  await collector.acknowledge({ boot: agent.outbox.boot, sequence: 10 })
  await until(() => agent.publisher.drained, { what: 'everything to be stored' })
  agent.outbox.tidy()
  expect(agent.outbox.state.messages).toBe(0)
  expect(agent.publisher.state).toMatchObject({ published: 10, resent: 0, ignoredAcks: 0, watermark: { sequence: 10 } })
})

it('keeps what the broker took until the collector has it, and sends again from the watermark', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto)
  agent.put(3)
  await until(() => collector.sequences().length >= 3, { what: 'the first sending' })
  await collector.acknowledge({ boot: agent.outbox.boot, sequence: 1 })
  await until(() => collector.sequences().length >= 5, { what: 'a second sending' })
  expect(collector.sequences().slice(0, 5)).toEqual([1, 2, 3, 2, 3])
  expect(agent.publisher.state.resent).toBeGreaterThanOrEqual(2)
  agent.outbox.tidy()
  expect(agent.outbox.state.messages).toBe(2)
})

it('hears two integers and nothing else', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto, { resendAfterMs: 60_000 })
  agent.put(2)
  await until(() => collector.sequences().length >= 2, { what: 'both messages' })
  const { boot } = agent.outbox
  const others = [
    '',
    'null',
    '[1,2]',
    `{"boot":${boot},"sequence":"2"}`,
    `{"boot":${boot},"sequence":2,"write":{"register":1}}`,
    `{"boot":${boot},"sequence":1.5}`
  ]
  for (const other of others) await collector.say(Buffer.from(other))
  // Numbers that were never given out: of a boot to come, and beyond the last of this one.
  await collector.acknowledge({ boot: boot + 1, sequence: 1 })
  await collector.acknowledge({ boot, sequence: 3 })
  await until(() => agent.publisher.state.ignoredAcks >= others.length + 2, { what: 'all of it to be ignored' })
  agent.outbox.tidy()
  expect(agent.outbox.state.messages).toBe(2)
  expect(agent.publisher.state.watermark).toBeNull()
  await collector.acknowledge({ boot, sequence: 2 })
  await until(() => agent.publisher.drained, { what: 'the true one' })
  // An older place, as a collector that was set back would tell it, gives nothing back and takes nothing away.
  await collector.acknowledge({ boot, sequence: 1 })
  await until(() => agent.publisher.state.watermark?.sequence === 1, { what: 'the older place' })
  expect(agent.publisher.drained).toBe(true)
})

it('survives a broker that is killed, and goes on from the watermark', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto)
  agent.put(3)
  await until(() => collector.sequences().length >= 3, { what: 'the first messages' })
  await collector.acknowledge({ boot: agent.outbox.boot, sequence: 2 })
  await until(() => agent.publisher.state.watermark !== null, { what: 'the watermark' })
  await mosquitto.kill()
  agent.put(1)
  const before = collector.heard.length
  await mosquitto.restart()
  // The collector may come back later than the agent; what it missed comes again after a while.
  await until(() => collector.sequences().includes(4), { what: 'the message that was made meanwhile' })
  const after = collector.heard.slice(before).filter(({ kind }) => kind !== 'birth')
  expect(new Set(after.map(({ sequence }) => sequence))).toEqual(new Set([3, 4]))
  expect(after[0]?.sequence).toBe(3)
})

it('finds the retained watermark before it sends anything again', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto, { resendAfterMs: 60_000 })
  // Told while the agent knew nothing of it, as after a restart of the agent.
  const position = put(agent.outbox)
  await collector.acknowledge(position)
  agent.put(1)
  await until(() => collector.sequences().includes(2), { what: 'the new message' })
  expect(collector.sequences().filter((sequence) => sequence === 1).length).toBeLessThanOrEqual(1)
})

it('with acknowledge broker, the PUBACK is enough', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto, { acknowledge: 'broker' })
  agent.put(20)
  await until(() => agent.publisher.drained, { what: 'all to be taken' })
  await until(() => collector.sequences().length >= 20, { what: 'all to arrive' })
  expect(collector.sequences()).toEqual(range(1, 20))
  agent.outbox.tidy()
  expect(agent.outbox.state.messages).toBe(0)
})

it('with acknowledge none, what was sent is kept for a while and sent again after a lost connection', async () => {
  await using mosquitto = await startMosquitto()
  await using collector = await collectorOn(mosquitto)
  await using agent = await publisherOn(mosquitto, { acknowledge: 'none', keepSentMs: 60_000 })
  agent.put(6)
  await until(() => collector.sequences().length >= 6, { what: 'all to arrive' })
  expect(agent.outbox.state.messages).toBe(6)
  await mosquitto.restart()
  await until(() => agent.publisher.state.resent >= 6, { what: 'all to be sent again' })

  await using brief = await publisherOn(mosquitto, { acknowledge: 'none', keepSentMs: 0 })
  brief.put(6)
  await until(
    () => {
      brief.publisher.wake()
      brief.outbox.tidy()
      return brief.outbox.state.messages === 0
    },
    { what: 'all to be forgotten' }
  )
})
