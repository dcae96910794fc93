// Plays attacks and faults and writes down the truth about each: a label begins just before the first byte of the attacker and
// ends when the harm is undone. What cannot even be aimed leaves no label; what fails after that does.
import type { z } from 'zod'
import type { Label } from '#contract/label.ts'
import type { Text } from '#contract/text.ts'
import type { Aim, Attack, Foothold } from './attacks/attack.ts'
import { ATTACKS } from './attacks/attacks.ts'
import type { Breakage, Fault } from './faults/fault.ts'
import { FAULTS } from './faults/faults.ts'
import { PlayFault } from './play-fault.ts'
import { checkParameters } from './play-parameters.ts'

const MOST_LABELS = 1000
// What could not be undone, as the PLC is out of reach, is tried again after so many seconds of the plant.
const UNDO_AGAIN_SECONDS = 10

const notPlaying = (name: string): Text => ({ zh: `${name} 没有在播放`, en: `${name} is not being played` })

// What attacks need that not every scenario offers, and how to get it.
export const NEEDED: Readonly<Record<'tamper' | 'opcua' | 'eyes' | 'past', Text>> = {
  tamper: {
    zh: '须有一条攻击者能改写报文的通路：场景中的 modbus.path',
    en: 'needs a way to the PLC on which attackers can stand: modbus.path in the scenario'
  },
  opcua: { zh: '须有 OPC UA 服务器：--opcua，或场景中的 opcua', en: 'needs an OPC UA server: --opcua, or opcua in the scenario' },
  eyes: { zh: '须有采集代理在读取：penstock range run', en: 'needs an agent that reads the plant: penstock range run' },
  past: {
    zh: '须先记录各测点的过去：--web，或把它写入时间线',
    en: 'needs what the tags showed before: --web writes that down, and so does a timeline that plays it'
  }
}

interface Running {
  label: Label
  aim: Aim
  /** In seconds of the plant; of what is ending, when that was last tried. */
  struckAt: number
  /** It is to be over, and its undoing has failed so far. */
  ending: boolean
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
  /** False when nobody writes down what tags show, which replays need. */
  hasPast?: boolean
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
      const checked = this.#checked(play, parameters)
      const key = playKey(name, checked)
      const before = this.#running.get(key)
      if (before?.ending === true) await this.#end(key, before)
      else if (before !== undefined) throw new PlayFault('PLAY_RUNNING', { zh: `${key} 正在播放`, en: `${key} is being played already` })
      const start = this.#options.now()
      const aim = await play.aim(checked)
      const running: Running = { label: this.#open(play, aim, start), aim, struckAt: this.#seconds, ending: false }
      this.#running.set(key, running)
      try {
        await aim.strike()
        return running.label
      } catch (fault) {
        await this.#end(key, running).catch(() => {})
        throw fault
      }
    })
  }

  /**
   * Strikes again where the attack says so, as the rightful operator may have put things right in the meantime. It goes by the time
   * of the plant, which may run faster than the time of labels.
   */
  insist(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve()
    return this.#inTurn(async () => {
      const due = [...this.#running].filter(([, running]) => this.#isDue(running))
      throwAll(
        await failuresOf(due, async ([name, running]) => {
          running.struckAt = this.#seconds
          if (running.ending) await this.#end(name, running)
          else await running.aim.strike()
        })
      )
    })
  }

  /** Why an attack or fault cannot be played on this plant or in this scenario; null when it can. */
  obstacle(name: string): Text | null {
    try {
      this.#named(name)
      return null
    } catch (fault) {
      if (fault instanceof PlayFault) return fault.text
      throw fault
    }
  }

  /** Undoes the harm and ends the label. When that fails the attack and its label go on, and it is tried again from time to time. */
  stop(name: string): Promise<Label> {
    return this.#inTurn(async () => {
      const running = this.#running.get(name)
      if (running === undefined) throw new PlayFault('PLAY_NOT_RUNNING', notPlaying(name.slice(0, 100)))
      return this.#end(name, running)
    })
  }

  /** The last to come goes first, as it found what the others had done. */
  stopAll(): Promise<void> {
    return this.#inTurn(async () => {
      const endAll = () => failuresOf([...this.#running].reverse(), ([name, running]) => this.#end(name, running))
      // What failed may work once a fault that cut the PLC off is over too.
      if ((await endAll()).length > 0) throwAll(await endAll())
    })
  }

  #isDue({ aim, struckAt, ending }: Running): boolean {
    const every = ending ? UNDO_AGAIN_SECONDS : aim.insistSeconds
    // The plant adds up tenths of a second, which are not exact.
    return every > 0 && this.#seconds - struckAt >= every - 1e-6
  }

  async #end(name: string, running: Running): Promise<Label> {
    const { aim, label } = running
    running.ending = true
    running.struckAt = this.#seconds
    await aim.undo()
    this.#running.delete(name)
    const ended: Label = { ...label, end: this.#options.now() }
    const at = this.#labels.indexOf(label)
    if (at >= 0) this.#labels[at] = ended
    this.#options.onLabel(ended)
    return ended
  }

  #open({ name: played, kind, technique }: Play, { name = played, tags, hosts }: Aim, start: number): Label {
    const id = this.#freeId(`${name}-${start}`)
    const label: Label = { id, site: this.#options.site, kind, name, technique, start, end: null, tags, hosts }
    this.#labels.push(label)
    if (this.#labels.length > MOST_LABELS) this.#labels.shift()
    this.#options.onLabel(label)
    return label
  }

  // Two faults of one kind may begin in the same millisecond.
  #freeId(wanted: string): string {
    const taken = new Set(this.#labels.map(({ id }) => id))
    let id = wanted
    for (let copy = 2; taken.has(id); copy++) id = `${wanted}-${copy}`
    return id
  }

  get #seconds(): number {
    return this.#options.foothold.seconds
  }

  #named(name: string): Play {
    const { foothold, breakage, hasPast = true } = this.#options
    const attack = attackNamed(name)
    if (attack !== undefined) {
      const { plant } = foothold.map
      if (attack.plants?.includes(plant) === false)
        throw new PlayFault('PLAY_IMPOSSIBLE', { zh: `${name} 不适用于 ${plant} 厂站`, en: `${name} is not for a ${plant} plant` })
      const missing = attack.needs?.find((need) => foothold[need] === null) ?? (attack.needsPast === true && !hasPast ? 'past' : undefined)
      if (missing !== undefined) throw new PlayFault('PLAY_IMPOSSIBLE', NEEDED[missing])
      return { ...attack, kind: 'attack', aim: (parameters) => attack.aim(foothold, parameters) }
    }
    const fault = faultNamed(name)
    if (fault === undefined) {
      const [asked, names] = [name.slice(0, 100), [...Object.keys(ATTACKS), ...Object.keys(FAULTS)]]
      throw new PlayFault('PLAY_UNKNOWN', {
        zh: `没有名为 ${asked} 的攻击或故障；有 ${names.join('、')}`,
        en: `there is no attack or fault ${asked}; there are ${names.join(', ')}`
      })
    }
    const aim = async (parameters: unknown) => ({ hosts: [], insistSeconds: 0, ...(await fault.aim(breakage, parameters)) })
    return { ...fault, kind: 'fault', technique: null, aim }
  }

  #checked(play: Play, parameters: unknown): unknown {
    const result = checkParameters(play, parameters, this.#options.foothold.map)
    if ('faults' in result) throw new PlayFault('PLAY_PARAMETERS', result.faults)
    return result.data
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

/** Does it with each of them, whatever happens to the others. */
async function failuresOf<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<unknown[]> {
  const failures: unknown[] = []
  for (const one of all) await act(one).catch((fault: unknown) => failures.push(fault))
  return failures
}

function throwAll(failures: readonly unknown[]): void {
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '))
  if (failures.length === 1) throw failures[0]
}
