// The centre looks at itself: do rules fail, is anything in quarantine, do two programs speak as one agent.
import type { Centre } from './centre.ts'
import type { Quarantine } from './ingest/quarantine.ts'
import type { Streams } from './ingest/streams.ts'

export interface SelfWatchOptions {
  centre: Centre
  quarantine: Pick<Quarantine, 'lastKept'>
  streams: Streams
  /** Faults of rules and of the engine since the start. */
  faults: () => number
}

const FRESH_FAULT_MS = 600_000
const FRESH_QUARANTINE_MS = 3_600_000
const NAMES_TOLD = 5

export class SelfWatch {
  readonly #options: SelfWatchOptions
  #faults = 0
  #faultAt: number | null = null

  constructor(options: SelfWatchOptions) {
    this.#options = options
  }

  look(now: number): void {
    const { centre, quarantine, streams } = this.#options
    const faults = this.#options.faults()
    if (faults > this.#faults) this.#faultAt = now
    this.#faults = faults
    if (this.#faultAt === null || now - this.#faultAt > FRESH_FAULT_MS) centre.ok('judge')
    else centre.failing('judge', { zh: '部分规则运行出错，详见规则页。', en: 'Some rules failed; the page of rules tells which.' })
    const { lastKept } = quarantine
    if (lastKept === null || now - lastKept > FRESH_QUARANTINE_MS) centre.ok('quarantine')
    else
      centre.failing('quarantine', {
        zh: '近一小时内有报文无法读取或不可信，已隔离保存。',
        en: 'In the last hour messages could not be read or not be believed; they are kept in quarantine.'
      })
    const doubled = [...streams].filter(({ voices }) => voices.areTwo(now)).map(({ site, agent }) => `${site}/${agent}`)
    const names = doubled.slice(0, NAMES_TOLD).join(', ')
    if (doubled.length === 0) centre.ok('agents')
    else centre.failing('agents', { zh: `有两个程序使用同一名称：${names}`, en: `Two programs use the same name: ${names}` })
  }
}
