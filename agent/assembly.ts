// Joins the rooms of the agent: config -> tags -> sources -> intake -> outbox -> publisher -> broker.
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { topicOf } from '#contract/topics.ts'
import { BrokerClient, type BrokerConfig } from '#runtime/broker.ts'
import type { Log } from '#runtime/log.ts'
import { AgentClock } from './clock.ts'
import { ClockCheck } from './clock-check.ts'
import type { AgentConfig } from './config.ts'
import { fingerprintAnyway, fingerprintOf } from './fingerprint.ts'
import { idsOf, knownOf, limitsOf, pausedTags, plansOf, withIds } from './planned-devices.ts'
import { Intake } from './publish/intake.ts'
import { type Outbox, openOutbox } from './publish/outbox.ts'
import { Publisher } from './publish/publisher.ts'
import { outboxCaps, publisherSettings } from './publish/settings.ts'
import { type Changes, RunningDevices, type WantedDevice } from './running-devices.ts'
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

/** A config and its hash. */
export type ReadConfig = Pick<AgentOptions, 'config' | 'hash'>

export interface Assembly {
  status: Status
  clock: AgentClock
  outbox: Outbox
  intake: Intake
  publisher: Publisher
  broker: BrokerClient
  devices: RunningDevices
  /** Reads all devices until the signal. */
  read: (signal: AbortSignal) => Promise<void>
  /**
   * Makes ready to take over another config of the same agent; what it resolves to does so, and cannot fail. Rejects, before anything
   * has changed, with an AggregateError of SecretFaults, a ConfigFault, an OutboxFull or a fault of the file system.
   */
  prepare: (next: ReadConfig) => Promise<() => Promise<Changes>>
}

/** Opens the outbox file; connects to nothing. */
export async function assemble({ config, hash, log, version = 'unknown', broker: other, dataDir }: AgentOptions): Promise<Assembly> {
  const { agent, acknowledge, outbox: kept } = config
  const site = config.site.id
  const file = dataDir === undefined ? kept.file : join(dataDir, basename(kept.file))
  // Before the outbox: a start that fails for its key shall leave no boot behind.
  const key = openSigningKey({ file: signingKeyFile({ key: config.key, outbox: file }) })
  log.info({ key: key.publicKey }, 'The health of this agent is signed with this key.')
  const outbox = openOutbox({ file, site, agent, ...outboxCaps(config), log })
  const clock = new AgentClock({ floor: outbox.lastTime })

  const opcUaFolder = config.opcua.folder ?? join(dirname(file), 'opcua')
  const devices = new RunningDevices({ clock, log, opcUaFolder })
  const plans = plansOf(config)
  const wanted = withIds(plans, await Promise.all(plans.map(fingerprintAnyway)), outbox)
  await devices.prepare(wanted)
  await devices.change(wanted, devices.compare(wanted), () => [])
  let known = knownOf(wanted)

  const { maxBatchSamples, maxDelayMs, window } = config.publish
  const intake = new Intake({ outbox, limits: limitsOf(wanted), maxBatchSamples, maxDelayMs, log, stored: () => publisher.wake() })
  const clockCheck = new ClockCheck({ config: config.clock, log })
  const status = new Status({
    config,
    hash,
    version,
    outbox,
    tags: known.flatMap(({ tags }) => tags),
    devices,
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
    ...{ broker, outbox, site, agent, acknowledge, window, log },
    ...publisherSettings(config),
    birth: () => status.birth()
  })

  let clockConfig = config.clock
  const prepare = async (next: ReadConfig) => {
    const plans = plansOf(next.config)
    const fingerprints = await allOf(plans.map(fingerprintOf))
    await devices.prepare(plans)
    const wanted = withIds(plans, fingerprints, outbox)
    return () => take(next, wanted)
  }
  const take = async (next: ReadConfig, wanted: readonly WantedDevice[]): Promise<Changes> => {
    const changes = devices.compare(wanted)
    await devices.change(wanted, changes, (stoppedAt) => {
      const paused = pausedTags(known, { stopped: changes.stopped, stoppedAt, intake })
      known = knownOf(wanted)
      const { maxBatchSamples, maxDelayMs } = next.config.publish
      intake.change({ limits: limitsOf(wanted), maxBatchSamples, maxDelayMs }, idsOf(known, changes.started))
      outbox.cap(outboxCaps(next.config))
      publisher.change(publisherSettings(next.config))
      status.change({ ...next, tags: known.flatMap(({ tags }) => tags) })
      publisher.beBornAgain()
      return paused
    })
    if (!isDeepStrictEqual(clockConfig, next.config.clock)) clockCheck.change(next.config.clock)
    clockConfig = next.config.clock
    return changes
  }
  const read = async (signal: AbortSignal) => {
    await Promise.all([devices.run(intake, signal), clockCheck.run(signal)])
  }
  return { status, clock, outbox, intake, publisher, broker, devices, read, prepare }
}

// All that went wrong at once, not only the first.
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work)
  const faults = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (faults.length > 0) throw new AggregateError(faults)
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}
