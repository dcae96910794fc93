// Our own agent and its way to the centre in a run without sockets, and what an attacker can do to them.
import type { AgentConfig } from '../agent/config.ts'
import type { Eyes } from '../simulators/attacks/attack.ts'
import { mapOf } from '../simulators/maps.ts'
import type { Moment } from '../simulators/offline.ts'
import { Noise } from '../simulators/plants/noise.ts'
import type { Scenario } from '../simulators/scenario.ts'
import { agentManners } from '../simulators/sparing.ts'
import { agentConfigOf } from './agent-config.ts'
import { OfflineAgent } from './offline-agent.ts'
import type { RecordedMessage } from './recording.ts'

export interface ChainEyesOptions {
  scenario: Scenario
  /** The clock of the world. */
  now: () => number
  send: (message: RecordedMessage) => void
}

export class ChainEyes implements Eyes {
  readonly #options: ChainEyesOptions
  readonly #chance: Noise
  #config: AgentConfig
  #agent: OfflineAgent | null = null
  #boot = 0
  #shiftMs = 0
  #lost = 0

  constructor(options: ChainEyesOptions) {
    this.#options = options
    this.#chance = new Noise(options.scenario.seed, 'broker')
    this.#config = this.#configWithout(null)
  }

  get agent(): string {
    return this.#config.agent
  }

  /** Starts the agent; its birth is the first message. */
  begin(): void {
    const { budget: mostPerSecond } = agentManners(this.#options.scenario)
    this.#agent = new OfflineAgent({ config: this.#config, mostPerSecond, boot: ++this.#boot, startedAt: this.#clock() })
    this.#options.send(this.#agent.birth)
  }

  poll(moment: Moment): void {
    if (this.#agent === null) moment.hangUp()
    else this.#agent.poll(moment, moment.time + this.#shiftMs)
  }

  /** Sends what was read and how the agent is. */
  tell(second: number): void {
    const agent = this.#agent
    if (agent === null) return
    const batch = agent.seal()
    if (batch !== null) this.#pass(batch)
    // As good as a time server keeps a clock.
    this.#pass(agent.health(this.#clock(), this.#shiftMs + (second % 7) - 3))
  }

  /** The process is killed: the broker tells that it was lost, and what had not been sent is gone. */
  async stopAgent(): Promise<void> {
    if (this.#agent === null) return
    const { schema, site, agent, boot } = this.#agent.birth
    this.#agent = null
    this.#options.send({ kind: 'death', schema, site, agent, boot, reason: 'lost', time: null })
  }

  async startAgent(): Promise<void> {
    if (this.#agent === null) this.begin()
  }

  shiftClock(byMs: number): void {
    this.#shiftMs = byMs
  }

  loseMessages(share: number): void {
    this.#lost = share
  }

  async forge(tag: string, value: number): Promise<void> {
    const agent = this.#agent
    const id = agent?.birth.tags.find(({ name }) => name === tag)?.id
    if (agent === null || id === undefined) throw new RangeError(`the agent tells nothing of ${tag}`)
    const { schema, site, agent: name, boot, tagMap } = agent.birth
    const column = { tags: [id], times: [0], values: [value], qualities: [0] }
    const sequence = agent.sequence + 1
    this.#options.send({
      kind: 'samples',
      schema,
      site,
      agent: name,
      boot,
      sequence,
      view: 'polled',
      tagMap,
      base: this.#clock(),
      ...column
    })
  }

  /** A changed config is a restart for whoever listens: another boot with another tag map. */
  async leaveOut(tag: string | null): Promise<void> {
    this.#config = this.#configWithout(tag)
    if (this.#agent !== null) this.begin()
  }

  #pass(message: RecordedMessage): void {
    if (this.#lost > 0 && this.#chance.uniform() < this.#lost) return
    this.#options.send(message)
  }

  #configWithout(tag: string | null): AgentConfig {
    const { scenario } = this.#options
    const { plant, site } = scenario
    return agentConfigOf({ map: mapOf(plant), site, ...agentManners(scenario), without: tag === null ? [] : [tag] }).config
  }

  #clock(): number {
    return this.#options.now() + this.#shiftMs
  }
}
