// Whether what an agent delivered is what its devices served: by the functions that the test servers follow, and by what stood on
// the wire. A sample is right, wrong, or of a device that nothing can be compared with.

import { qualityClass } from '#contract/quality.ts'
import type { SampleBatch } from '#contract/sample.ts'
import { pulseOf } from '../parts/opcua-pulse-server.ts'
import type { AgentDevice } from './device-town.ts'
import type { Served } from './device-wire.ts'

export interface Tally {
  good: number
  right: number
  wrong: number
  /** Samples of bad quality by their code. */
  bad: Map<number, number>
  /** The first wrong ones, for people. */
  examples: string[]
  /** How far the counter of the server was behind the time of the sample at most, in milliseconds. */
  oldestMs: number
}

export const newTally = (): Tally => ({ good: 0, right: 0, wrong: 0, bad: new Map(), examples: [], oldestMs: 0 })

export interface Sample {
  name: string
  time: number
  sourceTime: number
  value: number | string | null
  quality: number
}

export function samplesIn(batch: SampleBatch, nameOf: (tag: number) => string | undefined): Sample[] {
  return batch.tags.map((tag, i) => {
    const time = batch.base + (batch.times[i] ?? 0)
    const source = batch.sourceTimes?.[i] ?? 0
    return {
      name: nameOf(tag) ?? '',
      time,
      sourceTime: source === 0 ? 0 : time + source,
      value: batch.values[i] ?? null,
      quality: batch.qualities[i] ?? -1
    }
  })
}

const register = (address: number, counter: number) => (address === 0 ? counter : (31 * address + counter) & 0xffff)
const swap = (word: number) => ((word & 0xff) << 8) | (word >> 8)

// The four tags of 32 bits, each in its own order of bytes.
const WIDE: Readonly<Record<string, (high: number, low: number) => number>> = {
  h100: (first, second) => first * 0x10000 + second,
  h102: (first, second) => second * 0x10000 + first,
  h104: (first, second) => swap(first) * 0x10000 + swap(second),
  h106: (first, second) => swap(second) * 0x10000 + swap(first)
}

/** The counter of the server is worked out from the sample itself; bits of one answer must belong to one counter. */
export function checkPulse(device: AgentDevice, samples: readonly Sample[], tally: Tally): void {
  const parities = new Map<string, number>()
  for (const sample of samples) {
    if (!count(sample, tally)) continue
    const place = sample.name.slice(device.id.length + 1)
    const value = Number(sample.value)
    if (isBit(place)) {
      const answer = `${place.charAt(0)} ${sample.time}`
      const parity = (value ^ Number(place.slice(1))) & 1
      judge((parities.get(answer) ?? parity) === parity, sample, tally)
      parities.set(answer, parity)
      continue
    }
    // The server may have served this value at any moment of the last two seconds, and at no other.
    const now = Math.floor(sample.time / 200)
    const back = Array.from({ length: 12 }, (_, i) => i - 1).find((age) => expected(place, (now - age) & 0xffff) === value)
    judge(back !== undefined, sample, tally)
    if (back !== undefined) tally.oldestMs = Math.max(tally.oldestMs, sample.time - (now - back) * 200 - 200)
  }
}

const isBit = (place: string): boolean => /^[cd]/.test(place)

function expected(place: string, counter: number): number {
  const address = Number(place.slice(1))
  const wide = WIDE[place]
  return wide === undefined ? register(address, counter) : wide(register(address, counter), register(address + 1, counter))
}

export function checkOpcua(device: AgentDevice, samples: readonly Sample[], tally: Tally): void {
  for (const sample of samples) {
    if (!count(sample, tally)) continue
    const index = Number(sample.name.slice(device.id.length + 2))
    judge(sample.sourceTime > 0 && pulseOf(index, sample.sourceTime) === sample.value, sample, tally)
    tally.oldestMs = Math.max(tally.oldestMs, sample.time - sample.sourceTime)
  }
}

// A sample is made within this time of its answer on the wire: at once, but for a machine that is busy with other things. The values
// change five times a second and are read once, so two or three answers at most are in question.
const WITHIN_MS = 1500

/** Compares with what the dissector saw; the decoding here is a second one, of few forms. */
export function checkWire(device: AgentDevice, samples: readonly Sample[], served: ReadonlyMap<string, Served[]>, tally: Tally): void {
  const tags = new Map(device.tags.map((tag) => [tag.name, tag]))
  for (const sample of samples) {
    const tag = tags.get(sample.name)
    if (tag?.at === undefined || !count(sample, tally)) continue
    const [table = '', address = '', type = '', order = 'ABCD'] = tag.at.split(' ')
    const words = /32/.test(type) ? 2 : 1
    const parts = Array.from({ length: words }, (_, i) => served.get(`${table} ${Number(address) + i}`) ?? [])
    const candidates = near(parts[0] ?? [], sample.time).map(({ time }) =>
      parts.map((part) => near(part, sample.time).find((one) => one.time === time)?.value ?? -1)
    )
    const values = candidates.map((raw) => decoded(raw, type, order) * (tag.scale ?? 1))
    judge(
      values.some((value) => Math.abs(value - Number(sample.value)) <= 1e-6 * Math.max(1, Math.abs(value))),
      sample,
      tally
    )
  }
}

function near(list: readonly Served[], time: number): Served[] {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle]?.time ?? 0) < time - WITHIN_MS) low = middle + 1
    else high = middle
  }
  const found: Served[] = []
  for (let i = low; i < list.length; i++) {
    const one = list[i]
    if (one === undefined || one.time > time + 20) break
    found.push(one)
  }
  return found
}

function decoded([first = 0, second = 0]: readonly number[], type: string, order: string): number {
  const view = new DataView(new ArrayBuffer(4))
  const isSwapped = order === 'BADC' || order === 'DCBA'
  const [high, low] = order === 'CDAB' || order === 'DCBA' ? [second, first] : [first, second]
  view.setUint16(0, isSwapped ? swap(high) : high)
  view.setUint16(2, isSwapped ? swap(low) : low)
  if (type === 'float32') return view.getFloat32(0)
  if (type === 'uint32') return view.getUint32(0)
  return type === 'int16' && first > 0x7fff ? first - 0x10000 : first
}

function count({ quality }: Sample, tally: Tally): boolean {
  if (qualityClass(quality) === 'bad') {
    tally.bad.set(quality, (tally.bad.get(quality) ?? 0) + 1)
    return false
  }
  tally.good++
  return true
}

function judge(isRight: boolean, sample: Sample, tally: Tally): void {
  if (isRight) tally.right++
  else tally.wrong++
  if (!isRight && tally.examples.length < 5) tally.examples.push(JSON.stringify(sample))
}
