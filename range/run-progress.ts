// How far a run is, on stderr: a line when a scenario is done, and one now and then for those that take long.
import { type Language, pick, type Text } from '#contract/text.ts'
import { clockText } from './board-words.ts'
import { type Unfinished, unfinishedStory } from './unfinished.ts'

const TOLD_EVERY_MS = 5000

/** What is told of a scenario: how many seconds of it were played, that it is done, or that it failed. */
export type Progress =
  | { what: 'progress'; name: string; seconds: number }
  | { what: 'done'; name: string; tookMs: number; unscored: number }
  | { what: 'failed'; unfinished: Unfinished }

export class RunProgress {
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

  take(progress: Progress): void {
    switch (progress.what) {
      case 'progress':
        this.#played.set(progress.name, progress.seconds)
        if (performance.now() - this.#told < TOLD_EVERY_MS) return
        this.#told = performance.now()
        this.#say(`${progress.name}: ${clockText(progress.seconds)} / ${clockText(this.#lengthOf(progress.name))}, ${this.#speed()}`)
        return
      case 'done':
        this.#finish(progress)
        return
      case 'failed':
        this.say(unfinishedStory(progress.unfinished))
    }
  }

  say(text: Text): void {
    this.#say(pick(text, this.#language))
  }

  /** To be called when all is done; a run that was ended says no more. */
  sum(): void {
    this.say({ zh: `共 ${this.#speed()}`, en: `in all ${this.#speed()}` })
  }

  #finish({ name, tookMs, unscored }: Extract<Progress, { what: 'done' }>): void {
    const seconds = this.#lengthOf(name)
    this.#played.set(name, seconds)
    this.#done++
    const speed = this.#speedText(tookMs / 1000, seconds)
    this.#say(`[${this.#done}/${this.#lengths.size}] ${name}: ${clockText(seconds)}, ${speed}`)
    if (unscored > 0)
      this.say({
        zh: `${name}：另有 ${unscored} 条告警超出可评分的数量，未计入`,
        en: `${name}: ${unscored} alerts beyond what can be scored are not counted`
      })
  }

  #lengthOf(name: string): number {
    return this.#lengths.get(name) ?? 0
  }

  #speed(): string {
    const played = [...this.#played.values()].reduce((sum, seconds) => sum + seconds, 0)
    return this.#speedText((performance.now() - this.#began) / 1000, played)
  }

  #speedText(took: number, played: number): string {
    const times = played / Math.max(0.001, took)
    const shown = times < 10 ? times.toFixed(1) : times.toFixed(0)
    return pick({ zh: `${took.toFixed(1)} 秒，${shown} 倍速`, en: `${took.toFixed(1)} s, ${shown} times real time` }, this.#language)
  }

  #say(text: string): void {
    process.stderr.write(`${text}\n`)
  }
}
