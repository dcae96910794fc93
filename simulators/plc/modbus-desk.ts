// A client that knows the map of a PLC: it reads all of it in as few requests as there are stretches, and writes by tag.
import type { Desk } from './duty.ts'
import type { ModbusLink } from './modbus-link.ts'
import { readBits, readWords, writeCoil, writeWord, writeWords } from './modbus-words.ts'
import { type RegisterImage, TABLES, type Table } from './register-image.ts'
import { wordsFor, wordsOf } from './registers.ts'
import { emptyImageOf, isRegister, readTag, type TagMap, type TagRow, tagNamed } from './tag-map.ts'

interface Stretch {
  table: Table
  address: number
  count: number
}

const READ_CODE = { coils: 1, discreteInputs: 2, holdingRegisters: 3, inputRegisters: 4 } as const
// Modbus Application Protocol 1.1b3, 6.1 and 6.3.
const MOST = { coils: 2000, discreteInputs: 2000, holdingRegisters: 125, inputRegisters: 125 } as const

export class ModbusDesk implements Desk {
  seconds = 0
  readonly #map: TagMap
  readonly #link: ModbusLink
  readonly #seen: RegisterImage
  readonly #stretches: readonly Stretch[]
  /** Which of them is read next. */
  #next = 0

  constructor(options: { map: TagMap; link: ModbusLink }) {
    this.#map = options.map
    this.#link = options.link
    this.#seen = emptyImageOf(options.map)
    this.#stretches = stretchesOf(options.map)
  }

  /** Reads everything, as an operator station does. */
  async look(seconds: number): Promise<void> {
    this.#next = 0
    await this.lookOn(seconds, Number.POSITIVE_INFINITY)
  }

  /** Goes on reading with so many requests; true when with these all has been read. */
  async lookOn(seconds: number, requests: number): Promise<boolean> {
    this.seconds = seconds
    for (const stretch of this.#stretches.slice(this.#next, this.#next + requests)) {
      await this.#read(stretch)
      this.#next++
    }
    if (this.#next < this.#stretches.length) return false
    this.#next = 0
    return true
  }

  value(tag: string): number {
    return readTag(this.#seen, tagNamed(this.#map, tag))
  }

  /** Sends nothing at all when one of the tags lies where no client can write. */
  async write(values: Readonly<Record<string, number>>): Promise<void> {
    for (const tag of Object.keys(values)) this.#checkWritable(tag)
    let run: { first: number; words: number[] } | null = null
    for (const [tag, value] of Object.entries(values)) {
      const { place } = tagNamed(this.#map, tag)
      if (isRegister(place) && run !== null && place.address === run.first + run.words.length) {
        run.words.push(...wordsFor(place, value))
        continue
      }
      if (run !== null) await this.#send(run)
      run = isRegister(place) ? { first: place.address, words: wordsFor(place, value) } : null
      if (!isRegister(place)) await this.#writeBit(place, value !== 0)
    }
    if (run !== null) await this.#send(run)
  }

  async #read({ table, address, count }: Stretch): Promise<void> {
    const code = READ_CODE[table]
    if (code === 1 || code === 2) {
      const bits = await readBits(this.#link, code, address, count)
      for (let i = 0; i < count; i++) this.#seen[table][address + i] = bits[i] === true ? 1 : 0
    } else this.#seen[table].set(await readWords(this.#link, code, address, count), address)
  }

  #checkWritable(tag: string): void {
    const { table } = tagNamed(this.#map, tag).place
    if (table !== 'holdingRegisters' && table !== 'coils') throw new RangeError(`${tag} cannot be written: it lies in the ${table}`)
  }

  async #send({ first, words }: { first: number; words: number[] }): Promise<void> {
    const [word = 0] = words
    if (words.length === 1) await writeWord(this.#link, first, word)
    else await writeWords(this.#link, first, words)
  }

  async #writeBit({ table, address, bit }: Exclude<TagRow['place'], { format: unknown }>, on: boolean): Promise<void> {
    if (table === 'coils') return writeCoil(this.#link, address, on)
    if (bit === undefined) throw new RangeError(`${table} ${address} is no bit`)
    const [word = 0] = await readWords(this.#link, 3, address, 1)
    await writeWord(this.#link, address, on ? word | (1 << bit) : word & ~(1 << bit))
  }
}

/** The addresses that have tags, joined as far as they touch and one request can carry them. */
export function stretchesOf({ tags }: TagMap): Stretch[] {
  return TABLES.flatMap((table) => {
    const places = Object.values(tags)
      .filter(({ place }) => place.table === table)
      .map(({ place }) => ({ address: place.address, end: place.address + (isRegister(place) ? wordsOf(place) : 1) }))
      .sort((a, b) => a.address - b.address)
    const joined: Stretch[] = []
    for (const { address, end } of places) {
      const last = joined.at(-1)
      if (last !== undefined && address <= last.address + last.count && end - last.address <= MOST[table])
        last.count = Math.max(last.count, end - last.address)
      else joined.push({ table, address, count: end - address })
    }
    return joined
  })
}
