// A slot is what is known of one tag whatever the checks: its latest sample, and whether the next one is late, bad or moved.
import { BAD_NOT_A_NUMBER, isBad } from '#contract/quality.ts'
import type { SampleValue } from '#contract/sample.ts'
import { cell, type Memory, type Reading } from './rule.ts'

/** Time of the latest sample, 0 when there is none. Older samples and repeats are not judged. */
const TIME = 0
/** Time and number of the latest good sample. */
const GOOD_TIME = 1
const NUMBER = 2
/** A run of late samples that go forward: how many, the first and the last of them. */
const LATE = 3
const LATE_FROM = 4
const LATE_TO = 5
export const SLOT_CELLS = 6

export const freshReading = (): Reading => ({
  // Fractions, so that V8 keeps these as numbers of full width from the start.
  time: 0.5,
  number: 0.5,
  text: null,
  bad: false,
  quality: 0.5,
  moved: false,
  sinceGood: 0.5,
  afterBad: false,
  input: 0
})

export const isLate = (memory: Memory, at: number, time: number): boolean => time <= cell(memory, at + TIME)

/** Where the slots of a scope lie. */
export interface Slots {
  memory: Memory
  slotAts: Int32Array
  texts: (string | null)[]
}

/** Fills the reading from a sample and what is known of its tag, and takes note of the sample. */
export function take(slots: Slots, slot: number, reading: Reading, time: number, value: SampleValue, quality: number): void {
  const { memory, texts } = slots
  const at = slots.slotAts[slot] ?? 0
  const goodTime = cell(memory, at + GOOD_TIME)
  const usable = !isBad(quality)
  const number = usable && typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
  const text = usable && typeof value === 'string' ? value : null
  const bad = text === null && Number.isNaN(number)
  reading.time = time
  reading.number = number
  reading.text = text
  reading.bad = bad
  reading.quality = bad && usable ? BAD_NOT_A_NUMBER : quality
  reading.sinceGood = goodTime === 0 ? Number.POSITIVE_INFINITY : time - goodTime
  reading.afterBad = goodTime !== cell(memory, at + TIME) || goodTime === 0
  reading.moved = !bad && goodTime !== 0 && (text === null ? number !== memory[at + NUMBER] : text !== texts[slot])
  memory[at + TIME] = time
  memory[at + LATE] = 0
  if (bad) return
  memory[at + GOOD_TIME] = time
  if (text === null) memory[at + NUMBER] = number
  else texts[slot] = text
}

// A tag whose samples have been late for so long, going forward all the while, has had its clock set back: without a new
// start it would not be judged until the old time is reached again.
const CLOCK_SET_BACK_MS = 300_000
const CLOCK_SET_BACK_SAMPLES = 5

/** Takes note of a late sample; true when the tag must start anew with it. */
export function noteLate(memory: Memory, at: number, time: number): boolean {
  if (memory[at + LATE] === 0 || time <= cell(memory, at + LATE_TO)) {
    memory[at + LATE] = 0
    memory[at + LATE_FROM] = time
  }
  memory[at + LATE] = cell(memory, at + LATE) + 1
  memory[at + LATE_TO] = time
  if (time - cell(memory, at + LATE_FROM) < CLOCK_SET_BACK_MS || cell(memory, at + LATE) < CLOCK_SET_BACK_SAMPLES) return false
  memory.fill(0, at, at + SLOT_CELLS)
  return true
}
