// The wash of a filter: started by a command, timed by the program, and broken off when the tower could not spare the water.

const MOST_MINUTES = 30
// What a wash takes: it is not begun below the first level, and broken off below the second, in metres.
const LEVEL = { begin: 2.6, breakOff: 2.2 }
// After so many cubic metres the filter asks for a wash; this many had gone through it when the simulation began.
const DUE_AFTER = 6000
const FILTERED_BEFORE = 4000

export class FilterWash {
  #left = 0
  #filtered = FILTERED_BEFORE

  get running(): boolean {
    return this.#left > 0
  }

  get due(): boolean {
    return this.#filtered >= DUE_AFTER
  }

  scan(inputs: { start: boolean; minutes: number; level: number; permitted: boolean; flow: number }, seconds: number): void {
    const { start, minutes, level, permitted, flow } = inputs
    this.#filtered += (flow * seconds) / 3600
    this.#left = Math.max(0, this.#left - seconds)
    if (start && this.#left === 0 && level >= LEVEL.begin) this.#left = Math.min(MOST_MINUTES, Math.max(0, minutes)) * 60
    if (!permitted || level < LEVEL.breakOff) this.#left = 0
    if (this.#left > 0) this.#filtered = 0
  }
}
