// Plays a scenario through the real chain: PLC sockets, an agent and a collector as processes of their own, a broker between
// them, and the alerts asked for over the API. What is scored is put on the time line of the plant, as in a run without sockets.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Label } from '#contract/label.ts'
import { scoreScenario } from '#rules/score.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import type { Scenario } from '../simulators/scenario.ts'
import { needsOf } from '../simulators/scene.ts'
import { Simulator } from '../simulators/simulator.ts'
import type { BrokerKind } from './broker-kind.ts'
import { BrokerPath } from './broker-path.ts'
import { LiveAgent, opcuaFor } from './live-agent.ts'
import { fetchAlerts } from './live-alerts.ts'
import { LiveArrival } from './live-arrival.ts'
import { startCentre } from './live-centre.ts'
import { LiveDelivery } from './live-delivery.ts'
import { LiveEyes } from './live-eyes.ts'
import { LiveFolder } from './live-folder.ts'
import type { LiveFault } from './live-process.ts'
import { LiveTrends } from './live-trends.ts'
import { countedOf, type FailedStep, type NotPlayed, withoutLabel } from './not-played.ts'
import { PlantClock } from './plant-clock.ts'
import { playableIn, stepLog } from './playable.ts'
import type { Trend } from './report-trend.ts'

export interface LiveOptions {
  name: string
  scenario: Scenario
  /** How long, in seconds of the plant. */
  seconds: number
  /** Seconds of the plant for each second of ours. */
  speed: number
  graceSeconds: number
  trends: boolean
  /** Called now and then with how many seconds of the plant were played. */
  onProgress: (seconds: number) => void
  /** Told of the broker as soon as it runs. */
  onBroker?: (broker: BrokerKind) => void
  /** Told of the folder when it is kept, because something went wrong. */
  onKept: (folder: string) => void
  /** Mosquitto where there is one, unless it is said which. */
  broker?: BrokerKind
  signal: AbortSignal
}

export interface LiveResult {
  score: ScenarioScore
  labels: readonly Label[]
  /** Alerts beyond what is asked for. */
  unscored: number
  trends: readonly Trend[]
  notPlayed: readonly NotPlayed[]
  broker: BrokerKind
}

const LOOK_EVERY_MS = 100
// From the PLC to the broker takes about a second, and rules that go by the clock look once a second.
const ON_THEIR_WAY_MS = 3000

export async function playLive(options: LiveOptions): Promise<LiveResult> {
  const { onKept, signal } = options
  await using folder = await LiveFolder.make()
  try {
    return await playIn(folder.path, options)
  } catch (error) {
    if (!signal.aborted) {
      folder.keep()
      onKept(folder.path)
    }
    throw error
  }
}

async function playIn(folder: string, options: LiveOptions): Promise<LiveResult> {
  const { name, seconds, speed, graceSeconds, signal } = options
  const { scenario, notPlayed } = playableIn('live', options, seconds)
  const steps: FailedStep[] = [...notPlayed]
  const losing = new AbortController()
  const onLost = (fault: LiveFault) => losing.abort(fault)
  const stop = AbortSignal.any([signal, losing.signal])
  await using parts = new AsyncDisposableStack()

  const centre = parts.use(await startCentre({ folder, site: scenario.site, broker: options.broker, onLost, signal: stop }))
  options.onBroker?.(centre.kind)
  const [arrival, delivery] = [new LiveArrival(), new LiveDelivery()]
  let trends: LiveTrends | null = null
  const agent = new LiveAgent({ folder, scenario, login: centre.agent, onLost, signal: stop })
  const eyes = new LiveEyes({ id: centre.agent.id, seed: scenario.seed, agent, publish: (topic, payload) => path.publish(topic, payload) })
  const path = parts.use(
    new BrokerPath({
      brokerPort: centre.brokerPort,
      onPublish: (publish) => {
        const passes = eyes.passes(publish)
        if (passes) arrival.hear(publish)
        if (passes) trends?.hear(publish)
        return passes
      },
      onDelivery: (publish) => delivery.hear(publish)
    })
  )
  await path.start()

  const labels: Label[] = []
  let clock = new PlantClock({ start: Date.now(), speed })
  const simulator: Simulator = new Simulator({
    config: liveScenario(scenario, { folder, speed, opcua: agent.opcuaUser }),
    log: stepLog(name, (one) => steps.push(one)),
    eyes,
    held: true,
    onLabel: (label) => {
      labels.push(label)
      // What follows from a strike comes after it, however roughly the rest is known.
      clock.mark(Date.now(), simulator.scene?.elapsed ?? 0)
    },
    now: ({ elapsed }) => clock.start + Math.round(elapsed * 1000)
  })
  parts.defer(() => simulator.stop())
  await simulator.start()
  parts.use(agent)
  await agent.write({ simulator, brokerPort: path.port })
  await agent.start()
  await arrival.wait(stop)

  clock = new PlantClock({ start: Date.now(), speed })
  const span = { start: clock.start, end: clock.start + seconds * 1000 }
  if (options.trends) trends = new LiveTrends({ span, clock, birth: eyes.birth })
  simulator.begin()
  await playOn(simulator, clock, { ...options, signal: stop })
  await sleep(ON_THEIR_WAY_MS, undefined, { signal: stop })
  await delivery.settle(eyes.last, { signal: stop })
  const found = await fetchAlerts(centre.reader, stop)
  const alerts = found.alerts
    .filter(({ firstSeen }) => firstSeen >= clock.start)
    .map((alert) => ({ ...alert, firstSeen: clock.at(alert.firstSeen) }))
    .filter(({ firstSeen }) => firstSeen <= span.end)
  // What is ended later, when all is taken down, was not ended in the run.
  const counted = countedOf({ labels: [...labels], alerts, steps: [...steps], graceSeconds })
  const score = scoreScenario({ scenario: name, site: scenario.site, span, ...counted, graceSeconds })
  const told = { unscored: found.unscored, trends: trends?.trends() ?? [], notPlayed: steps.map(withoutLabel), broker: centre.kind }
  return { score, labels: counted.labels, ...told }
}

async function playOn(simulator: Simulator, clock: PlantClock, { seconds, onProgress, signal }: LiveOptions): Promise<void> {
  for (;;) {
    // What ended the run is told, not that a sleep was cut short.
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    const elapsed = simulator.scene?.elapsed ?? seconds
    clock.note(Date.now(), elapsed)
    onProgress(elapsed)
    if (elapsed >= seconds) return
  }
}

// Free ports of this machine, a place on the wire where an attack needs one, and no file outside of the folder.
function liveScenario(scenario: Scenario, o: { folder: string; speed: number; opcua: { name: string; file: string } }): Scenario {
  const { labels: _, modbus, opcua, ...rest } = scenario
  const { path: __, ...plc } = modbus
  return {
    ...rest,
    speed: o.speed,
    modbus: { ...plc, host: '127.0.0.1', port: 0, ...(needsOf(scenario.timeline).has('tamper') ? { path: { port: 0 } } : {}) },
    ...(opcua === undefined ? {} : { opcua: opcuaFor(opcua, o) })
  }
}
