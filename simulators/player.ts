// Plays attacks and faults and writes down the truth about each: a label begins just before the first harmful byte and ends
// when the harm is undone. What fails before that byte leaves no label; what fails after it does.
import type { z } from 'zod'
import type { Label } from '#contract/label.ts'
import type { Aim, Attack, Foothold } from './attacks/attack.ts'
import { ATTACKS } from './attacks/attacks.ts'
import type { Breakage, Fault } from './faults/fault.ts'
import { FAULTS } from './faults/faults.ts'

const MOST_LABELS = 1000

export type PlayFaultCode = 'PLAY_UNKNOWN' | 'PLAY_PARAMETERS' | 'PLAY_RUNNING' | 'PLAY_NOT_RUNNING' | 'PLAY_IMPOSSIBLE'

export class PlayFault extends Error {
  readonly code: PlayFaultCode
  constructor(code: PlayFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PlayFault'
    this.code = code
  }
}

interface Running {
  label: Label
  aim: Aim
  struckAt: number
}

interface Play {
  name: string
  kind: Label['kind']
  technique: string | null
  parameters: z.ZodType
  aim(parameters: unknown): Promise<Aim>
}

export interface PlayerOptions {
  site: string
  now: () => number
  foothold: Foothold
  breakage: Breakage
  onLabel: (label: Label) => void
}

export class Player {
  readonly #options: PlayerOptions
  readonly #running = new Map<string, Running>()
  readonly #labels: Label[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: PlayerOptions) {
    this.#options = options
  }

  /** The newest labels, oldest first; one that is still open has no end. */
  get labels(): readonly Label[] {
    return this.#labels
  }

  /** The names of what is being played now. */
  get playing(): string[] {
    return [...this.#running.keys()]
  }

  start(name: string, parameters: unknown = {}): Promise<Label> {
    return this.#inTurn(async () => {
      const play = this.#named(name)
      const checked = check(play, parameters)
      const key = playKey(name, checked)
      if (this.#running.has(key)) throw new PlayFault('PLAY_RUNNING', `${key} is being played already`)
      const aim = await play.aim(checked)
      const running: Running = { label: this.#open(play, aim), aim, struckAt: this.#options.now() }
      this.#running.set(key, running)
      try {
        await aim.strike()
        return running.label
      } catch (fault) {
        // What cannot be undone either goes on, and so does its label.
        await this.#end(key, running).catch(() => {})
        throw fault
      }
    })
  }

  /** Strikes again where the attack says so, as the rightful operator may have put things right in the meantime. */
  insist(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve()
    return this.#inTurn(async () => {
      for (const running of this.#running.values()) {
        const { aim, struckAt } = running
        if (aim.insistSeconds === 0 || this.#options.now() - struckAt < aim.insistSeconds * 1000) continue
        running.struckAt = this.#options.now()
        await aim.strike()
      }
    })
  }

  /** Whether the plant and the scenario offer what an attack or fault needs. */
  canPlay(name: string): boolean {
    try {
      this.#named(name)
      return true
    } catch {
      // The reason is told to whoever plays it all the same.
      return false
    }
  }

  /** Undoes the harm and ends the label. When that fails the attack goes on, and so does its label. */
  stop(name: string): Promise<Label> {
    return this.#inTurn(async () => {
      const running = this.#running.get(name)
      if (running === undefined) throw new PlayFault('PLAY_NOT_RUNNING', `${name} is not being played`)
      return this.#end(name, running)
    })
  }

  stopAll(): Promise<void> {
    return this.#inTurn(async () => {
      for (const [name, running] of [...this.#running]) await this.#end(name, running)
    })
  }

  async #end(name: string, { aim, label }: Running): Promise<Label> {
    await aim.undo()
    this.#running.delete(name)
    const ended: Label = { ...label, end: this.#options.now() }
    const at = this.#labels.indexOf(label)
    if (at >= 0) this.#labels[at] = ended
    this.#options.onLabel(ended)
    return ended
  }

  #open({ name: played, kind, technique }: Play, { name = played, tags, hosts }: Aim): Label {
    const start = this.#options.now()
    const label: Label = { id: `${name}-${start}`, site: this.#options.site, kind, name, technique, start, end: null, tags, hosts }
    this.#labels.push(label)
    if (this.#labels.length > MOST_LABELS) this.#labels.shift()
    this.#options.onLabel(label)
    return label
  }

  #named(name: string): Play {
    const { foothold, breakage } = this.#options
    const attack = attackNamed(name)
    if (attack !== undefined) {
      const missing = attack.needs?.filter((need) => foothold[need] === null) ?? []
      if (attack.plants?.includes(foothold.map.plant) === false)
        throw new PlayFault('PLAY_IMPOSSIBLE', `${name} is not for a ${foothold.map.plant} plant`)
      if (missing.length > 0) throw new PlayFault('PLAY_IMPOSSIBLE', `${name} needs ${missing.join(', ')}, which is not there`)
      return { ...attack, kind: 'attack', aim: (parameters) => attack.aim(foothold, parameters) }
    }
    const fault = faultNamed(name)
    if (fault === undefined) {
      const names = [...Object.keys(ATTACKS), ...Object.keys(FAULTS)]
      throw new PlayFault('PLAY_UNKNOWN', `there is no attack or fault ${name.slice(0, 100)}; there are ${names.join(', ')}`)
    }
    const aim = async (parameters: unknown) => ({ hosts: [], insistSeconds: 0, ...(await fault.aim(breakage, parameters)) })
    return { ...fault, kind: 'fault', technique: null, aim }
  }

  // One thing at a time, so that no strike lands after the undoing.
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

// Each attack gets what its own schema gave, which the compiler cannot follow through the table.
export const attackNamed = (name: string): Attack | undefined =>
  Object.hasOwn(ATTACKS, name) ? (ATTACKS[name as keyof typeof ATTACKS] as unknown as Attack) : undefined

export const faultNamed = (name: string): Fault | undefined =>
  Object.hasOwn(FAULTS, name) ? (FAULTS[name as keyof typeof FAULTS] as unknown as Fault) : undefined

/** By what a play is known while it goes on: faults of several kinds or tags may go on side by side. */
export function playKey(name: string, parameters: unknown): string {
  if (!Object.hasOwn(FAULTS, name) || typeof parameters !== 'object' || parameters === null) return name
  if ('what' in parameters) return String(parameters.what)
  return 'tag' in parameters ? `${name}-${String(parameters.tag)}` : name
}

function check({ name, parameters: schema }: Play, parameters: unknown): unknown {
  const checked = schema.safeParse(parameters)
  if (checked.success) return checked.data
  const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`)
  throw new PlayFault('PLAY_PARAMETERS', `${name}: ${issues.join('; ')}`, { cause: checked.error })
}
