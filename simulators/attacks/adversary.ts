// Plays attacks and writes down the truth about each: a label begins just before the first harmful byte and ends when
// the harm is undone. What fails before that byte leaves no label; what fails after it does.
import type { Label } from '#contract/label.ts'
import { type Aim, ATTACKS, type Attack, type AttackName, type Foothold } from './attack.ts'

const MOST_LABELS = 1000

export type AttackFaultCode = 'ATTACK_UNKNOWN' | 'ATTACK_PARAMETERS' | 'ATTACK_RUNNING' | 'ATTACK_NOT_RUNNING'

export class AttackFault extends Error {
  readonly code: AttackFaultCode
  constructor(code: AttackFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AttackFault'
    this.code = code
  }
}

interface Running {
  label: Label
  aim: Aim
  struckAt: number
}

export class Adversary {
  readonly #site: string
  readonly #now: () => number
  readonly #foothold: Foothold
  readonly #onLabel: (label: Label) => void
  readonly #running = new Map<string, Running>()
  readonly #labels: Label[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: { site: string; now: () => number; foothold: Foothold; onLabel: (label: Label) => void }) {
    this.#site = options.site
    this.#now = options.now
    this.#foothold = options.foothold
    this.#onLabel = options.onLabel
  }

  /** The newest labels, oldest first; one that is still open has no end. */
  get labels(): readonly Label[] {
    return this.#labels
  }

  start(name: string, parameters: unknown = {}): Promise<Label> {
    return this.#inTurn(async () => {
      const attack = attackNamed(name)
      const checked = check(attack, parameters)
      if (this.#running.has(name)) throw new AttackFault('ATTACK_RUNNING', `${name} is being played already`)
      const aim = await attack.aim(this.#foothold, checked)
      const running: Running = { label: this.#open(attack, aim), aim, struckAt: this.#now() }
      this.#running.set(name, running)
      try {
        await aim.strike()
        return running.label
      } catch (fault) {
        // What cannot be undone either goes on, and so does its label.
        await this.#end(name, running).catch(() => {})
        throw fault
      }
    })
  }

  /** Strikes again where the attack says so, as the rightful operator may have put things right in the meantime. */
  insist(): Promise<void> {
    return this.#inTurn(async () => {
      for (const running of this.#running.values()) {
        const { aim, struckAt } = running
        if (aim.insistSeconds === 0 || this.#now() - struckAt < aim.insistSeconds * 1000) continue
        running.struckAt = this.#now()
        await aim.strike()
      }
    })
  }

  /** Undoes the harm and ends the label. When that fails the attack goes on, and so does its label. */
  stop(name: string): Promise<Label> {
    return this.#inTurn(async () => {
      const running = this.#running.get(name)
      if (running === undefined) throw new AttackFault('ATTACK_NOT_RUNNING', `${name} is not being played`)
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
    const ended: Label = { ...label, end: this.#now() }
    const at = this.#labels.indexOf(label)
    if (at >= 0) this.#labels[at] = ended
    this.#onLabel(ended)
    return ended
  }

  #open(attack: Attack, { tags, hosts }: Aim): Label {
    const start = this.#now()
    const { name, technique } = attack
    const label: Label = { id: `${name}-${start}`, site: this.#site, kind: 'attack', name, technique, start, end: null, tags, hosts }
    this.#labels.push(label)
    if (this.#labels.length > MOST_LABELS) this.#labels.shift()
    this.#onLabel(label)
    return label
  }

  // One thing at a time, so that no strike lands after the undoing.
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

function attackNamed(name: string): Attack {
  if (!Object.hasOwn(ATTACKS, name))
    throw new AttackFault('ATTACK_UNKNOWN', `there is no attack ${name.slice(0, 100)}; there are ${Object.keys(ATTACKS).join(', ')}`)
  // Each attack gets what its own schema gave, which the compiler cannot follow through the table.
  return ATTACKS[name as AttackName] as unknown as Attack
}

function check(attack: Attack, parameters: unknown): unknown {
  const checked = attack.parameters.safeParse(parameters)
  if (checked.success) return checked.data
  const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`)
  throw new AttackFault('ATTACK_PARAMETERS', `${attack.name}: ${issues.join('; ')}`, { cause: checked.error })
}
