// Works, people and player of one scenario, moved on from outside: by the wall clock in simulator.ts, as fast as it goes in
// offline.ts.
import type { Label } from '#contract/label.ts'
import type { Log } from '#runtime/log.ts'
import type { Eyes, OpcuaTarget, Tamper, Victim } from './attacks/attack.ts'
import { Rightful } from './attacks/rightful.ts'
import type { LineState } from './faults/fault.ts'
import { Past } from './past.ts'
import { Noise } from './plants/noise.ts'
import { PlayFault } from './play-fault.ts'
import { attackNamed, Player, playKey } from './player.ts'
import type { Duty } from './plc/duty.ts'
import type { ModbusLink } from './plc/modbus-link.ts'
import { Operator } from './plc/operator.ts'
import type { Plc } from './plc/plc.ts'
import type { TagMap } from './plc/tag-map.ts'
import type { Scenario, Step } from './scenario.ts'
import { peoplesShare } from './sparing.ts'
import { createWorks, type Works } from './works.ts'

export interface SceneOptions {
  scenario: Pick<Scenario, 'site' | 'plant' | 'seed' | 'scanMs' | 'startsAt' | 'startDay' | 'weather' | 'modbus' | 'operator' | 'timeline'>
  /** How each of them reaches the PLC. */
  links: { staff: (scene: Scene, who: Duty['who']) => Promise<ModbusLink>; attacker: (scene: Scene) => Promise<ModbusLink> }
  /** Waits a little of the time in which the PLC answers. */
  pause?: () => Promise<void>
  network: (state: LineState) => void
  tamper?: (victim: Victim, tamper: Tamper) => () => void
  opcua?: () => OpcuaTarget | null
  eyes?: Eyes
  /** Whether what the tags show is written down for an hour, for replays that no timeline foresees. */
  keepsPast?: boolean
  /** Epoch milliseconds for labels. */
  now: (scene: Scene) => number
  onLabel: (label: Label) => void
  log: Log
}

interface Cue {
  at: number
  name: string
  play: () => Promise<unknown>
  /** The end of a step that may have begun or not. */
  isEnd: boolean
}

export class Scene {
  readonly works: Works
  readonly player: Player
  readonly #operator: Operator | null
  readonly #past: Past | null
  readonly #log: Log
  readonly #started: number
  readonly #cues: Cue[]

  static async create(options: SceneOptions): Promise<Scene> {
    const { plant, seed, startsAt, startDay, scanMs, weather } = options.scenario
    return new Scene(options, await createWorks(plant, { seed, startSeconds: startsAt, startDay, scanMs, weather }))
  }

  private constructor(options: SceneOptions, works: Works) {
    const { scenario, links, log } = options
    this.works = works
    this.#log = log
    this.#started = works.plant.seconds
    const { map, plc, plant, troubles } = works
    const rightful = new Rightful(map)
    this.#operator = scenario.operator.enabled ? this.#employ(options, rightful) : null
    const chance = new Noise(scenario.seed, 'faults')
    const lines = new Map<string, LineState>()
    if (scenario.timeline.some((step) => attackOf(step)?.needsPast === true)) this.#past = new Past({ plc, map })
    else this.#past = options.keepsPast === true ? new Past({ plc, map, keptSeconds: 3600 }) : null
    this.player = new Player({
      site: scenario.site,
      now: () => options.now(this),
      foothold: {
        ...{ map, rightful },
        get seconds() {
          return plant.seconds
        },
        link: () => links.attacker(this),
        ...(options.pause === undefined ? {} : { pause: options.pause }),
        falsify: (tag, distortion) => plc.falsify(tag, distortion),
        past: (tag, secondsAgo) => this.#past?.value(tag, secondsAgo),
        tamper: options.tamper ?? null,
        get opcua() {
          return options.opcua?.() ?? null
        },
        eyes: options.eyes ?? null
      },
      breakage: {
        ...{ map, rightful, plc, troubles, chance: () => chance.uniform() },
        network(fault, state) {
          if (state === null) lines.delete(fault)
          else lines.set(fault, state)
          options.network(worstOf([...lines.values()]))
        },
        workstation: () => links.staff(this, 'engineer'),
        get seconds() {
          return plant.seconds
        },
        falsify: (tag, distortion) => plc.falsify(tag, distortion)
      },
      hasPast: this.#past !== null,
      onLabel: options.onLabel
    })
    this.#cues = cuesOf(scenario.timeline, this.player)
  }

  get plant(): Works['plant'] {
    return this.works.plant
  }

  get plc(): Plc {
    return this.works.plc
  }

  get map(): TagMap {
    return this.works.map
  }

  /** Simulated seconds since the start. */
  get elapsed(): number {
    return this.works.plant.seconds - this.#started
  }

  /** Called each simulated second, after the scans. */
  note(): void {
    this.#past?.note()
  }

  /** Called each simulated second, or as often as the clock allows when the plant runs faster than it. */
  async look(): Promise<void> {
    await this.#operator?.look(this.works.plant.seconds)
  }

  /** Tells at once of the steps that cannot be played here, so that nobody waits for them. */
  foretell(): void {
    for (const { at, name, isEnd } of this.#cues) {
      const missing = isEnd ? null : this.player.obstacle(name)
      if (missing !== null) this.#log.warn({ step: name, at, missing: missing.en }, 'A step of the timeline will not be played here.')
    }
  }

  /** Plays what is due on the timeline; what cannot be played is told and left out. */
  async playDue(): Promise<void> {
    // The plant adds up tenths of a second, which are not exact.
    while ((this.#cues[0]?.at ?? Number.POSITIVE_INFINITY) <= this.elapsed + 1e-6) await this.#playNext()
    await this.player.insist().catch((err: unknown) => this.#log.warn({ err }, 'An attack could not be repeated or ended.'))
  }

  async leave(): Promise<void> {
    await this.player.stopAll()
    await this.#operator?.leave()
  }

  #employ({ scenario, links, log }: SceneOptions, rightful: Rightful): Operator {
    const { map, duties } = this.works
    const { everySeconds } = scenario.operator
    return new Operator({
      ...{ map, book: duties, seed: scenario.seed, rightful, everySeconds, log },
      ...peoplesShare(scenario),
      connect: (who) => links.staff(this, who)
    })
  }

  async #playNext(): Promise<void> {
    const cue = this.#cues.shift()
    if (cue === undefined) return
    const { name, at, isEnd } = cue
    const newest = () => this.player.labels.at(-1)?.id
    const before = newest()
    await cue.play().catch((err: unknown) => {
      // What fails half way has left a label.
      const begun = newest() === before ? {} : { label: newest() }
      if (!isEnd) this.#log.error({ err, step: name, at, ...begun }, 'A step of the timeline could not be played.')
      // What never began has been told already.
      else if (!(err instanceof PlayFault))
        this.#log.warn({ err, played: name, at }, 'An attack or fault could not be ended; it is tried again.')
    })
  }
}

const worstOf = (states: readonly LineState[]): LineState => ({
  silent: states.some(({ silent }) => silent),
  delayMs: Math.max(0, ...states.map(({ delayMs }) => delayMs))
})

function cuesOf(timeline: readonly Step[], player: Player): Cue[] {
  return (
    timeline
      .flatMap((step) => {
        const name = step.attack ?? step.fault ?? ''
        const start = { at: step.at, name, play: () => player.start(name, step.with), isEnd: false }
        if (step.for === undefined) return [start]
        return [start, { at: step.at + step.for, name, play: () => player.stop(playKey(name, step.with)), isEnd: true }]
      })
      // What ends at a second makes room for what starts at it.
      .sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd))
  )
}

const attackOf = ({ attack }: Step) => (attack === undefined ? undefined : attackNamed(attack))

/** What steps of a timeline need and the scenario cannot offer by itself. */
export function needsOf(timeline: readonly Step[]): Set<string> {
  return new Set(timeline.flatMap((step) => attackOf(step)?.needs ?? []))
}
