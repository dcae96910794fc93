// What the demo shows of itself: it signs in like a person, asks the API once a second and writes one line.
import type { Alert } from '#contract/alert.ts'
import { AlertPage, Overview, ROUTES } from '#contract/api.ts'
import type { Label } from '#contract/label.ts'
import { type Language, pick } from '#contract/text.ts'

export interface DemoWatchOptions {
  url: string
  name: string
  password: string
  language: Language
  labels: readonly Label[]
}

const PRINT_EVERY_MS = 10_000
const FIRST_VALUES_SECONDS = 10

export class DemoWatch {
  readonly #options: DemoWatchOptions
  readonly #began = Date.now()
  #cookie = ''
  #overview: Overview | undefined
  #alerts: readonly Alert[] = []
  #found: { label: Label; alert: Alert; afterMs: number } | undefined
  #printedAt = 0

  constructor(options: DemoWatchOptions) {
    this.#options = options
  }

  /** Asks, and writes the line: in place on a terminal, every ten seconds elsewhere. */
  async look(): Promise<void> {
    try {
      if (this.#cookie === '') await this.#signIn()
      this.#overview = Overview.parse(await this.#get(ROUTES.overview))
      this.#alerts = AlertPage.parse(await this.#get(`${ROUTES.alerts}?limit=200`)).alerts
    } catch {
      // The centre is starting or stopping: the line keeps what was last known.
      return
    }
    this.#find()
    this.#write()
  }

  summary(): string {
    const say = (zh: string, en: string) => pick({ zh, en }, this.#options.language)
    const lines = [`${process.stdout.isTTY ? '\n' : ''}${this.#line()}`]
    const attack = this.#attack
    if (attack !== undefined && this.#found !== undefined) {
      const after = (this.#found.afterMs / 1000).toFixed(1)
      lines.push(say(`攻击 ${attack.name} 开始后 ${after} 秒产生告警。`, `The alert came ${after} s after the start of ${attack.name}.`))
    } else if (attack !== undefined) lines.push(say(`攻击 ${attack.name} 尚未产生告警。`, `No alert came for ${attack.name}.`))
    return lines.join('\n')
  }

  /** True when an attack has run longer than that and nothing named its technique. */
  isAlertMissing(withinMs: number): boolean {
    const attack = this.#attack
    return attack !== undefined && this.#found === undefined && Date.now() - attack.start > withinMs
  }

  get #attack(): Label | undefined {
    return this.#options.labels.find((label) => label.kind === 'attack')
  }

  #find(): void {
    const attack = this.#attack
    if (attack === undefined || this.#found !== undefined) return
    const alert = this.#alerts.find(
      (one) => attack.technique !== null && one.techniques.includes(attack.technique) && one.lastSeen >= attack.start
    )
    if (alert === undefined) return
    this.#found = { label: attack, alert, afterMs: Math.max(0, alert.firstSeen - attack.start) }
    const { language } = this.#options
    console.log(
      `${process.stdout.isTTY ? '\r\x1b[K' : ''}▲ ${pick(alert.title, language)} [${alert.techniques.join(', ')}]\n  ${pick(alert.reason, language)}`
    )
  }

  #write(): void {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${this.#line()}`)
    else if (Date.now() - this.#printedAt >= PRINT_EVERY_MS) {
      this.#printedAt = Date.now()
      console.log(this.#line())
    }
  }

  #line(): string {
    const { language } = this.#options
    const say = (zh: string, en: string) => pick({ zh, en }, language)
    const seconds = Math.floor((Date.now() - this.#began) / 1000)
    const clock = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
    const site = this.#overview?.sites[0]
    const tags = site?.tags ?? { good: 0, uncertain: 0, bad: 0, stale: 0 }
    // Before the first values every tag is stale, which is true and looks like a fault.
    const heard = tags.good + tags.uncertain + tags.bad > 0 || seconds > FIRST_VALUES_SECONDS
    const rate = Math.round(this.#overview?.samplesPerSecond ?? 0)
    const open = this.#alerts.filter((one) => one.handling !== 'resolved' && one.handling !== 'closed').length
    const failing = this.#overview?.parts.filter((part) => part.state === 'failing').map((part) => part.part) ?? []
    const parts = [
      clock,
      heard
        ? say(
            `测点：良好 ${tags.good}，坏值 ${tags.bad}，过期 ${tags.stale}`,
            `tags: ${tags.good} good, ${tags.bad} bad, ${tags.stale} stale`
          )
        : say('等待首批数值', 'waiting for the first values'),
      say(`入库 ${rate} 个/秒`, `${rate} samples/s stored`),
      say(`未处理告警 ${open}`, `${open} open ${open === 1 ? 'alert' : 'alerts'}`)
    ]
    if (failing.length > 0) parts.push(say(`异常：${failing.join('、')}`, `failing: ${failing.join(', ')}`))
    return parts.join('  ·  ')
  }

  async #signIn(): Promise<void> {
    const { url, name, password } = this.#options
    const reply = await fetch(`${url}${ROUTES.session}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ name, password }),
      signal: AbortSignal.timeout(5000)
    })
    if (!reply.ok) throw new Error(`sign-in answered ${reply.status}`)
    this.#cookie = reply.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
  }

  async #get(path: string): Promise<unknown> {
    const reply = await fetch(`${this.#options.url}${path}`, { headers: { cookie: this.#cookie }, signal: AbortSignal.timeout(5000) })
    if (reply.status === 401) this.#cookie = ''
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}`)
    return await reply.json()
  }
}
