// Plant, PLC, operator and adversary of one scenario, moved on from outside: by the wall clock in simulator.ts, as fast
// as it goes in offline.ts.
import type { Label } from '#contract/label.ts'
import type { Log } from '#runtime/log.ts'
import { Adversary } from './attacks/adversary.ts'
import type { WaterPlant } from './plants/water.ts'
import type { ModbusLink } from './plc/modbus-link.ts'
import { Operator } from './plc/operator.ts'
import type { Plc } from './plc/plc.ts'
import { createWaterPlc } from './plc/water-plc.ts'
import type { Measurement } from './plc/water-registers.ts'
import type { Scenario, Step } from './scenario.ts'

export interface SceneOptions {
  scenario: Pick<Scenario, 'site' | 'seed' | 'scanMs' | 'startsAt' | 'timeline'> & { operator: { enabled: boolean } }
  /** How each of them reaches the PLC. */
  links: { operator: (scene: Scene) => Promise<ModbusLink>; attacker: (scene: Scene) => Promise<ModbusLink> }
  /** Epoch milliseconds for labels. */
  now: (scene: Scene) => number
  onLabel: (label: Label) => void
  log: Log
}

export class Scene {
  readonly plant: WaterPlant
  readonly plc: Plc<Measurement>
  readonly adversary: Adversary
  readonly #operator: Operator | null
  readonly #log: Log
  readonly #started: number
  readonly #cues: { at: number; play: () => Promise<unknown> }[]

  constructor(options: SceneOptions) {
    const { scenario, links, log } = options
    const { plant, plc } = createWaterPlc({ seed: scenario.seed, startSeconds: scenario.startsAt, scanMs: scenario.scanMs })
    this.plant = plant
    this.plc = plc
    this.#log = log
    this.#started = plant.seconds
    this.#operator = scenario.operator.enabled ? new Operator({ connect: () => links.operator(this), seed: scenario.seed, log }) : null
    this.adversary = new Adversary({
      site: scenario.site,
      now: () => options.now(this),
      foothold: { link: () => links.attacker(this), hold: (tag) => plc.hold(tag), release: (tag) => plc.release(tag) },
      onLabel: options.onLabel
    })
    this.#cues = cuesOf(scenario.timeline, this.adversary)
  }

  /** Simulated seconds since the start. */
  get elapsed(): number {
    return this.plant.seconds - this.#started
  }

  async look(): Promise<void> {
    await this.#operator?.look(this.plant.seconds)
  }

  /** Plays what is due on the timeline; what cannot be played is told and left out. */
  async playDue(): Promise<void> {
    // The plant adds up tenths of a second, which are not exact.
    while ((this.#cues[0]?.at ?? Number.POSITIVE_INFINITY) <= this.elapsed + 1e-6)
      await this.#try(async () => this.#cues.shift()?.play(), 'A step of the timeline could not be played.')
    await this.#try(() => this.adversary.insist(), 'An attack could not be repeated.')
  }

  async leave(): Promise<void> {
    await this.adversary.stopAll()
    await this.#operator?.leave()
  }

  async #try(play: () => Promise<unknown>, what: string): Promise<void> {
    try {
      await play()
    } catch (err) {
      this.#log.error({ err }, what)
    }
  }
}

function cuesOf(timeline: readonly Step[], adversary: Adversary): { at: number; play: () => Promise<unknown> }[] {
  return timeline
    .flatMap((step) => {
      const start = { at: step.at, play: () => adversary.start(step.attack, step.with) }
      return step.for === undefined ? [start] : [start, { at: step.at + step.for, play: () => adversary.stop(step.attack) }]
    })
    .sort((a, b) => a.at - b.at)
}
