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

export class Adversary {
  readonly #site: string
  readonly #now: () => number
  readonly #foothold: Foothold
  readonly #onLabel: (label: Label) => void
  readonly #running = new Map<string, { label: Label; aim: Aim } | 'starting'>()
  readonly #labels: Label[] = []

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

  async start(name: string, parameters: unknown = {}): Promise<Label> {
    const attack = attackNamed(name)
    const checked = check(attack, parameters)
    if (this.#running.has(name)) throw new AttackFault('ATTACK_RUNNING', `${name} is being played already`)
    this.#running.set(name, 'starting')
    try {
      const aim = await attack.aim(this.#foothold, checked)
      const label = this.#open(attack, aim)
      this.#running.set(name, { label, aim })
      await aim.strike()
      return label
    } catch (fault) {
      if (this.#running.get(name) === 'starting') this.#running.delete(name)
      else await this.stop(name).catch(() => {})
      throw fault
    }
  }

  /** Undoes the harm and ends the label. When that fails the attack goes on, and so does its label. */
  async stop(name: string): Promise<Label> {
    const running = this.#running.get(name)
    if (running === undefined || running === 'starting') throw new AttackFault('ATTACK_NOT_RUNNING', `${name} is not being played`)
    await running.aim.undo()
    this.#running.delete(name)
    const ended: Label = { ...running.label, end: this.#now() }
    const at = this.#labels.indexOf(running.label)
    if (at >= 0) this.#labels[at] = ended
    this.#onLabel(ended)
    return ended
  }

  async stopAll(): Promise<void> {
    for (const [name, running] of [...this.#running]) if (running !== 'starting') await this.stop(name)
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
