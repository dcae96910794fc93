// Plays a scenario through the real chain: PLC sockets, an agent and a collector as processes of their own, a broker between
// them, and the alerts asked for over the API. All of it lives in a folder of its own, which is removed at the end.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Label } from '#contract/label.ts'
import type { ScoredAlert } from '#rules/score.ts'
import { scoreScenario } from '#rules/score.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import type { Scenario } from '../simulators/scenario.ts'
import { needsOf } from '../simulators/scene.ts'
import { Simulator } from '../simulators/simulator.ts'
import { BrokerPath } from './broker-path.ts'
import { LiveAgent, opcuaFor } from './live-agent.ts'
import { fetchAlerts } from './live-alerts.ts'
import { startCentre } from './live-centre.ts'
import { LiveEyes } from './live-eyes.ts'
import type { LiveFault } from './live-process.ts'
import { LiveTrends } from './live-trends.ts'
import { type NotPlayed, playableIn, stepLog } from './playable.ts'
import type { Trend } from './report-trend.ts'

export interface LiveOptions {
  name: string
  scenario: Scenario
  /** How long, in simulated seconds. */
  seconds: number
  /** Simulated seconds for each second of ours. */
  speed: number
  graceSeconds: number
  trends: boolean
  onProgress: (seconds: number) => void
  /** Told of the folder when it is kept, because something went wrong. */
  onKept: (folder: string) => void
  /** The embedded broker even where there is a Mosquitto. */
  embedded?: boolean
  signal: AbortSignal
}

export interface LiveResult {
  score: ScenarioScore
  labels: readonly Label[]
  alerts: readonly ScoredAlert[]
  /** Alerts beyond what is asked for. */
  unscored: number
  trends: readonly Trend[]
  notPlayed: readonly NotPlayed[]
  broker: 'mosquitto' | 'embedded'
}

const LOOK_EVERY_MS = 200
const PROGRESS_EVERY_MS = 5000
// From the PLC through agent, broker and rules to an alert takes about two seconds at most.
const ON_THEIR_WAY_MS = 3000

export async function playLive(options: LiveOptions): Promise<LiveResult> {
  const { onKept, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'penstock-range-'))
  let kept = false
  try {
    return await playIn(folder, options)
  } catch (error) {
    kept = !signal.aborted
    throw error
  } finally {
    if (kept) onKept(folder)
    else await rm(folder, { recursive: true, force: true })
  }
}

async function playIn(folder: string, options: LiveOptions): Promise<LiveResult> {
  const { name, seconds, speed, graceSeconds, signal } = options
  const { scenario, notPlayed } = playableIn('live', options, seconds)
  const losing = new AbortController()
  const onLost = (fault: LiveFault) => losing.abort(fault)
  const stop = AbortSignal.any([signal, losing.signal])
  await using parts = new AsyncDisposableStack()

  const centre = parts.use(await startCentre({ folder, site: scenario.site, embedded: options.embedded ?? false, onLost, signal: stop }))
  const trends = options.trends ? new LiveTrends({ seconds: seconds / speed }) : null
  const agent = new LiveAgent({ folder, scenario, login: centre.agent, onLost, signal: stop })
  const eyes = new LiveEyes({ seed: scenario.seed, agent, publish: (topic, payload) => path.publish(topic, payload) })
  const path = parts.use(
    new BrokerPath({
      brokerPort: centre.brokerPort,
      onPublish: (publish) => {
        const passes = eyes.passes(publish)
        if (passes) trends?.hear(publish)
        return passes
      }
    })
  )
  await path.start()

  const labels: Label[] = []
  const simulator = new Simulator({
    config: liveScenario(scenario, { folder, speed, opcua: agent.opcuaUser }),
    log: stepLog(name, (one) => notPlayed.push(one)),
    eyes,
    onLabel: (label) => labels.push(label)
  })
  let playing = true
  const stopPlaying = async () => {
    if (playing) await simulator.stop()
    playing = false
  }
  parts.defer(stopPlaying)
  const start = Date.now()
  await simulator.start()
  parts.use(agent)
  await agent.write({ simulator, brokerPort: path.port })
  await agent.start()
  await playOn(simulator, { ...options, signal: stop })
  await stopPlaying()
  await sleep(ON_THEIR_WAY_MS, undefined, { signal: stop })
  const { alerts, unscored } = await fetchAlerts(centre.reader, stop)
  const span = { start, end: Date.now() }
  const score = scoreScenario({ scenario: name, site: scenario.site, span, labels, alerts, graceSeconds })
  return { score, labels, alerts, unscored, trends: trends?.trends() ?? [], notPlayed, broker: centre.kind }
}

async function playOn(simulator: Simulator, { seconds, onProgress, signal }: LiveOptions): Promise<void> {
  let told = performance.now()
  for (let elapsed = 0; elapsed < seconds; elapsed = simulator.scene?.elapsed ?? seconds) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
    // What ended the run is told, not that a sleep was cut short.
    signal.throwIfAborted()
    if (performance.now() - told < PROGRESS_EVERY_MS) continue
    told = performance.now()
    onProgress(elapsed)
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
