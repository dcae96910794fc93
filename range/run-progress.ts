// How far a run is, on stderr: a line when a scenario is done, and one now and then for those that take long.
import { type Language, pick } from '#contract/text.ts'
import type { JobReport } from './run-worker.ts'

const TOLD_EVERY_MS = 5000

export class RunProgress implements Disposable {
  readonly #lengths: ReadonlyMap<string, number>
  readonly #language: Language
  readonly #began = performance.now()
  readonly #played = new Map<string, number>()
  #done = 0
  #told = performance.now()

  constructor({ lengths, language }: { lengths: ReadonlyMap<string, number>; language: Language }) {
    this.#lengths = lengths
    this.#language = language
  }

  take(report: JobReport): void {
    if (report.what === 'progress') {
      this.#played.set(report.name, report.seconds)
      if (performance.now() - this.#told < TOLD_EVERY_MS) return
      this.#told = performance.now()
      this.#say(`${report.name}: ${hours(report.seconds)} / ${hours(this.#lengths.get(report.name) ?? 0)}, ${this.#speed()}`)
      return
    }
    if (report.what === 'failed') return
    const seconds = this.#lengths.get(report.name) ?? 0
    this.#played.set(report.name, seconds)
    this.#done++
    const perSecond = Math.round((report.tookMs * 1000) / Math.max(1, seconds))
    this.#say(
      `[${this.#done}/${this.#lengths.size}] ${report.name}: ${hours(seconds)}, ${(report.tookMs / 1000).toFixed(1)} s, ${perSecond} µs/s`
    )
  }

  [Symbol.dispose](): void {
    this.#say(pick({ zh: `共 ${this.#speed()}`, en: `in all ${this.#speed()}` }, this.#language))
  }

  #speed(): string {
    const played = [...this.#played.values()].reduce((sum, seconds) => sum + seconds, 0)
    const took = (performance.now() - this.#began) / 1000
    const times = Math.round(played / Math.max(0.001, took))
    return pick({ zh: `${took.toFixed(1)} 秒，${times} 倍速`, en: `${took.toFixed(1)} s, ${times} times real time` }, this.#language)
  }

  #say(text: string): void {
    process.stderr.write(`${text}\n`)
  }
}

const hours = (seconds: number): string => `${(seconds / 3600).toFixed(1)} h`
