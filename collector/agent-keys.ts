// Which key speaks for which agent: taken at first use or listed in the config, never changed but by a person, and what an
// agent says of its health is believed only when that key signed it and it is newer than what was believed before.

import type { AgentKeyView, Mistrust } from '#contract/agent-key.ts'
import type { Birth, Health } from '#contract/agent-status.ts'
import { isSignedBy, publicKeyOf } from '#contract/signature.ts'
import type { AgentKeyRow, AgentKeyTable } from './agent-key-table.ts'
import type { Audit } from './audit.ts'
import { Refused } from './refused.ts'

export type Verdict =
  | { believed: true; signed: boolean }
  /** repeat: only what a broker may send twice; nobody needs to be told. */
  | { believed: false; repeat: boolean; why: Mistrust; key: string | null }

export interface AgentKeysOptions {
  table: AgentKeyTable
  audit: Pick<Audit, 'append'>
  /** Keys by site/agent from the config; null trusts each agent's first key. */
  listed: ReadonlyMap<string, string> | null
  now?: () => number
}

// A broker sends again what was not acknowledged when a connection ended, each message once.
const REMEMBERED = 32
// After a start nobody remembers what was heard before; what a broker still sends again comes at once.
const REPEATS_AFTER_START_MS = 60_000

export class AgentKeys {
  readonly #options: AgentKeysOptions
  readonly #now: () => number
  readonly #startedAt: number
  readonly #rows: Map<string, AgentKeyRow>
  readonly #changed = new Set<AgentKeyRow>()
  readonly #heard = new Map<string, Map<string, 'once' | 'again'>>()

  constructor(options: AgentKeysOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#startedAt = this.#now()
    this.#rows = new Map(options.table.all().map((row) => [`${row.site}/${row.agent}`, row]))
  }

  /** Health that was not believed since ever, over all agents. */
  get refused(): number {
    return this.#rows.values().reduce((sum, row) => sum + row.refused, 0)
  }

  /** Null when the birth tells the key that is trusted, or none is trusted and none told. */
  hearBirth({ site, agent, key }: Birth): { why: Mistrust; key: string | null } | null {
    const row = this.#rowOf(site, agent)
    const pinned = this.#pinned(row)
    if (key === undefined || key === pinned) {
      if (row.offered !== null && key !== undefined) this.#keep(row, { offered: null, offeredAt: null })
      return null
    }
    if (pinned === null && this.#options.listed === null && publicKeyOf(key) !== null) {
      this.#pin(row, key, null)
      return null
    }
    return this.#mistrust(row, pinned === null ? 'unknown-key' : 'other-key', key)
  }

  hearHealth(health: Health): Verdict {
    const row = this.#rowOf(health.site, health.agent)
    const why = this.#whyNot(row, health)
    if (why === null) {
      if (health.signature === undefined) return { believed: true, signed: false }
      if (row.key === null && this.#options.listed === null && health.key !== undefined) this.#pin(row, health.key, null)
      return this.#placed(row, health)
    }
    const offered = why === 'other-key' ? (health.key ?? null) : null
    return { believed: false, repeat: false, ...this.#mistrust(row, why, offered) }
  }

  /** A person takes the key that was offered; what came before it counts no more. */
  accept({ site, agent, key, account }: { site: string; agent: string; key: string; account: string }): AgentKeyView {
    if (this.#options.listed !== null) throw new Refused('KEYS_ARE_LISTED')
    const row = this.#rows.get(`${site}/${agent}`)
    if (row === undefined || row.offered !== key) throw new Refused('KEY_NOT_OFFERED')
    this.#pin(row, key, account)
    return this.#view(row)
  }

  views(): AgentKeyView[] {
    return [...this.#rows.values()].map((row) => this.#view(row)).sort((a, b) => (`${a.site}/${a.agent}` < `${b.site}/${b.agent}` ? -1 : 1))
  }

  /** Writes down where the agents stand; to be called now and then, and at the end. */
  save(): void {
    for (const row of this.#changed) this.#options.table.keep(row)
    this.#changed.clear()
  }

  #whyNot(row: AgentKeyRow, health: Health): Mistrust | null {
    const { key, signature } = health
    const pinned = this.#pinned(row)
    if (pinned === null) {
      if (this.#options.listed !== null) return 'unknown-key'
      // An agent of a version that does not sign yet.
      if (key === undefined && signature === undefined) return null
      return key !== undefined && isSignedBy(health, key) ? null : 'wrong-signature'
    }
    if (signature === undefined) return 'missing-signature'
    if (isSignedBy(health, pinned)) return null
    return key !== undefined && key !== pinned && isSignedBy(health, key) ? 'other-key' : 'wrong-signature'
  }

  // The key is right. Within a boot uptime only grows, whatever is done to the clock of the agent's machine.
  #placed(row: AgentKeyRow, { site, agent, boot, uptimeSeconds: uptime, time, signature = '' }: Health): Verdict {
    const last = row.last
    const order = last === null ? 1 : boot - last.boot || uptime - last.uptime || time - last.time
    const heard = this.#heard.get(`${site}/${agent}`) ?? new Map<string, 'once' | 'again'>()
    this.#heard.set(`${site}/${agent}`, heard)
    if (order > 0) {
      row.last = { boot, uptime, time }
      this.#changed.add(row)
      heard.set(signature, 'once')
      const [oldest] = heard.keys()
      if (heard.size > REMEMBERED && oldest !== undefined) heard.delete(oldest)
      return { believed: true, signed: true }
    }
    const before = heard.get(signature)
    const repeat = before === 'once' || (before === undefined && this.#now() - this.#startedAt < REPEATS_AFTER_START_MS)
    if (repeat) {
      if (before === 'once') heard.set(signature, 'again')
      return { believed: false, repeat, why: 'replayed', key: null }
    }
    return { believed: false, repeat, ...this.#mistrust(row, 'replayed', null) }
  }

  #mistrust(row: AgentKeyRow, why: Mistrust, offered: string | null): { why: Mistrust; key: string | null } {
    const told = offered !== null && publicKeyOf(offered) !== null
    row.refused++
    row.refusedAt = this.#now()
    row.why = why
    if (told && row.offered !== offered) this.#keep(row, { offered, offeredAt: this.#now() })
    this.#changed.add(row)
    return { why, key: offered }
  }

  #pin(row: AgentKeyRow, key: string, account: string | null): void {
    this.#options.table.atOnce(() => {
      this.#options.audit.append({
        action: account === null ? 'agent-key.first-use' : 'agent-key.accepted',
        subject: `${row.site}/${row.agent}`,
        account,
        detail: { key, before: row.key }
      })
      this.#keep(row, { key, pinnedAt: this.#now(), pinnedBy: account, offered: null, offeredAt: null, last: null })
    })
  }

  #keep(row: AgentKeyRow, change: Partial<AgentKeyRow>): void {
    Object.assign(row, change)
    this.#options.table.keep(row)
  }

  #pinned({ site, agent, key }: AgentKeyRow): string | null {
    const { listed } = this.#options
    return listed === null ? key : (listed.get(`${site}/${agent}`) ?? null)
  }

  #rowOf(site: string, agent: string): AgentKeyRow {
    const name = `${site}/${agent}`
    const known = this.#rows.get(name)
    if (known !== undefined) return known
    const row: AgentKeyRow = {
      site,
      agent,
      key: null,
      pinnedAt: null,
      pinnedBy: null,
      offered: null,
      offeredAt: null,
      last: null,
      refused: 0,
      refusedAt: null,
      why: null
    }
    this.#rows.set(name, row)
    return row
  }

  #view(row: AgentKeyRow): AgentKeyView {
    const { site, agent, pinnedAt, pinnedBy, offered, offeredAt, refused, refusedAt, why } = row
    const key = this.#pinned(row)
    const listed = this.#options.listed !== null
    const state = key === null ? (listed ? 'unlisted' : 'unsigned') : offered === null ? 'trusted' : 'contested'
    return {
      site,
      agent,
      state,
      key,
      basis: key === null ? null : listed ? 'listed' : pinnedBy === null ? 'first-use' : 'accepted',
      since: listed ? null : pinnedAt,
      by: listed ? null : pinnedBy,
      offered: offered === null || offeredAt === null ? null : { key: offered, at: offeredAt },
      refused,
      lastRefused: refusedAt === null || why === null ? null : { at: refusedAt, why }
    }
  }
}
