// Joins the rooms of the agent: config -> tags -> sources -> intake -> outbox -> publisher -> broker.
import { basename, dirname, join } from 'node:path'
import { topicOf } from '#contract/topics.ts'
import { BrokerClient, type BrokerConfig } from '#runtime/broker.ts'
import type { Log } from '#runtime/log.ts'
import { AgentClock } from './clock.ts'
import { ClockCheck } from './clock-check.ts'
import type { AgentConfig } from './config.ts'
import { buildAllSources } from './devices.ts'
import type { TagLimits } from './publish/deadband.ts'
import { Intake } from './publish/intake.ts'
import { type Outbox, openOutbox } from './publish/outbox.ts'
import { Publisher } from './publish/publisher.ts'
import { planOf } from './resolve.ts'
import { openSigningKey, signingKeyFile } from './signing-key.ts'
import { Status } from './status.ts'

export interface AgentOptions {
  config: AgentConfig
  /** The hash of the config, told in the birth. */
  hash: string
  log: Log
  /** The version of the program, told in the birth. */
  version?: string
  /** Instead of the broker of the config. */
  broker?: BrokerConfig
  /** Instead of the folder of the outbox file. */
  dataDir?: string
}

export interface Assembly {
  status: Status
  clock: AgentClock
  outbox: Outbox
  intake: Intake
  publisher: Publisher
  broker: BrokerClient
  /** Reads all devices until the signal. */
  read: (signal: AbortSignal) => Promise<void>
}

/** Opens the outbox file; connects to nothing. */
export async function assemble({ config, hash, log, version = 'unknown', broker: other, dataDir }: AgentOptions): Promise<Assembly> {
  const { agent, publish, acknowledge, outbox: kept } = config
  const site = config.site.id
  const file = dataDir === undefined ? kept.file : join(dataDir, basename(kept.file))
  // Before the outbox: a start that fails for its key shall leave no boot behind.
  const key = openSigningKey({ file: signingKeyFile({ key: config.key, outbox: file }) })
  log.info({ key: key.publicKey }, 'The health of this agent is signed with this key.')
  const outbox = openOutbox({ file, site, agent, maxBytes: kept.maxBytes, maxAgeMs: kept.maxAgeHours * 3_600_000, log })
  const clock = new AgentClock({ floor: outbox.lastTime })

  const devices = config.devices.map((device) => {
    const plan = planOf(device, config.defaults)
    return { ...plan, tags: outbox.identify(plan.resolved.tags.map(({ tag }) => tag)) }
  })
  const tags = devices.flatMap((device) => device.tags)
  const limits = devices.flatMap(({ resolved, tags }) =>
    tags.map(({ id, heartbeatMs, cadenceMs }, i): TagLimits => ({ id, deadband: resolved.tags[i]?.deadband ?? 0, heartbeatMs, cadenceMs }))
  )
  const opcUaFolder = config.opcua.folder ?? join(dirname(file), 'opcua')
  const { sources, links } = await buildAllSources({ devices, opcUaFolder, clock, log })

  const { maxBatchSamples, maxDelayMs, window, resendAfterMs, keepSentMinutes, liveAfterSeconds, replayFactor, replayAtLeast } = publish
  const intake = new Intake({ outbox, limits, maxBatchSamples, maxDelayMs, log, stored: () => publisher.wake() })
  const clockCheck = new ClockCheck({ config: config.clock, log })
  const status = new Status({
    config,
    hash,
    version,
    outbox,
    tags,
    sources,
    intake,
    publisher: () => publisher.state,
    clock,
    clockState: () => clockCheck.state,
    key
  })
  const broker = new BrokerClient({
    config: other ?? config.broker,
    clientId: `penstock-${site}-${agent}`,
    clean: true,
    log,
    // Not retained: a retained will would still be told after the birth of an agent that has come back.
    will: { topic: topicOf({ site, agent, kind: 'death' }), payload: status.death('lost'), retain: false },
    maxInFlight: window
  })
  const publisher = new Publisher({
    broker,
    outbox,
    site,
    agent,
    acknowledge,
    window,
    resendAfterMs,
    keepSentMs: keepSentMinutes * 60_000,
    liveAfterMs: liveAfterSeconds * 1000,
    replay: { factor: replayFactor, atLeast: replayAtLeast },
    birth: () => status.birth(),
    log
  })
  const read = async (signal: AbortSignal) => {
    const reading = sources.map((source) => source.run(intake, signal))
    await Promise.all([...links.map((link) => link.run(signal)), ...reading, clockCheck.run(signal)])
  }
  return { status, clock, outbox, intake, publisher, broker, read }
}
