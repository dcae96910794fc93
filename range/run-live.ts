// `penstock range run --live`: plays scenarios through the real chain, one after the other, at the speed that was asked for.
import type { Label } from '#contract/label.ts'
import type { Text } from '#contract/text.ts'
import type { ScenarioScore } from '#rules/score-result.ts'
import { lengthOf } from '../simulators/scenario.ts'
import type { BrokerKind } from './broker-kind.ts'
import { playLive } from './live.ts'
import type { NotPlayed } from './not-played.ts'
import type { Trend } from './report-trend.ts'
import type { RunProgress } from './run-progress.ts'
import type { NamedScenario } from './run-scenarios.ts'
import { failed, type Unfinished } from './unfinished.ts'

export interface LiveRunOptions {
  scenarios: readonly NamedScenario[]
  speed: number
  /** Plays no more than so many seconds of each. */
  forSeconds?: number
  broker?: BrokerKind
  graceSeconds: number
  trends: boolean
  progress: RunProgress
  signal: AbortSignal
  /** Told of each one as soon as it is done or has failed, so that nothing of it is lost when the run is ended. */
  onDone: (done: LiveDone) => void
  onFailed: (one: Unfinished) => void
  onBroker: (broker: BrokerKind) => void
}

export interface LiveDone {
  name: string
  score: ScenarioScore
  labels: readonly Label[]
  trends: readonly Trend[]
  notPlayed: readonly NotPlayed[]
  broker: BrokerKind
  title?: Text
}

/** How long a scenario is played. */
export function liveLength({ scenario }: Pick<NamedScenario, 'scenario'>, forSeconds: number | undefined): number {
  return Math.min(forSeconds ?? Number.POSITIVE_INFINITY, lengthOf(scenario))
}

/** Resolves when all scenarios were played or have failed, or when the signal ended the run. */
export async function runLive(options: LiveRunOptions): Promise<void> {
  const { scenarios, progress, signal, onFailed, onBroker } = options
  using _ = hangUpIsCtrlC()
  let told: BrokerKind | undefined
  const tellBroker = (kind: BrokerKind) => {
    if (kind !== told) progress.say(BROKER_WORDS[kind])
    told = kind
    onBroker(kind)
  }
  for (const one of scenarios) {
    try {
      await playOne(one, { ...options, onBroker: tellBroker })
    } catch (error) {
      if (signal.aborted) return
      const unfinished = failed(one.name, error)
      progress.take({ what: 'failed', unfinished })
      onFailed(unfinished)
    }
  }
}

async function playOne(one: NamedScenario, options: LiveRunOptions): Promise<void> {
  const { speed, forSeconds, broker, graceSeconds, trends, progress, signal, onDone, onBroker } = options
  const { name, scenario } = one
  const began = performance.now()
  const { unscored, ...done } = await playLive({
    ...{ name, scenario, seconds: liveLength(one, forSeconds), speed, graceSeconds, trends, signal, onBroker },
    ...(broker === undefined ? {} : { broker }),
    onProgress: (seconds) => progress.take({ what: 'progress', name, seconds }),
    onKept: (folder) => progress.say({ zh: `配置与日志留在 ${folder}`, en: `configs and logs are kept in ${folder}` })
  })
  progress.take({ what: 'done', name, tookMs: performance.now() - began, unscored })
  onDone({ name, ...done, ...(scenario.title === undefined ? {} : { title: scenario.title }) })
}

const BROKER_WORDS: Readonly<Record<BrokerKind, Text>> = {
  mosquitto: { zh: '消息代理：Mosquitto', en: 'broker: Mosquitto' },
  embedded: { zh: '消息代理：汇聚中心内置', en: "broker: the collector's own" }
}

// By itself a terminal that is closed would end this process at once, and leave the others behind.
function hangUpIsCtrlC(): Disposable {
  const end = () => process.kill(process.pid, 'SIGINT')
  process.on('SIGHUP', end)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', end) }
}
