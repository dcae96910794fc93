// What an importer makes of a foreign tag list: devices and tags in our words, and a note for everything that did not fit. Pure.
import type { Text } from '#contract/text.ts'
import type { Table } from '../modbus/read-plan.ts'
import type { ByteOrder, ValueType } from '../modbus/registers.ts'

export type Connection =
  | { protocol: 'modbus-tcp' | 'modbus-rtu-over-tcp'; host: string; port: number }
  | { protocol: 'modbus-rtu' | 'modbus-ascii'; path: string; baudRate?: number; parity?: Parity; dataBits?: 7 | 8; stopBits?: 1 | 2 }

export type Parity = 'none' | 'even' | 'odd'

export interface DraftTag {
  /** As the other product calls it; made fit for our names later. */
  name: string
  table: Table
  address: number
  type?: ValueType
  order?: ByteOrder
  bit?: number
  length?: number
  scale?: number
  offset?: number
  unit?: string
  low?: number
  high?: number
  title?: Text
  role?: string
  cadenceMs?: number
  deadband?: number
  /** The other product may write it. */
  writable?: boolean
}

export interface DraftDevice {
  name: string
  connection: Connection
  unit: number
  timeoutMs?: number
  minGapMs?: number
  tags: DraftTag[]
}

export interface Note {
  /** Where in the imported file. */
  place: string
  /** True when it was not taken over. */
  left: boolean
  text: Text
}

export interface Draft {
  devices: DraftDevice[]
  notes: Note[]
}

/** What the command line says about what a format does not hold. */
export interface Hints {
  host?: string | undefined
  port?: number | undefined
  unit?: number | undefined
}

export class Notes {
  readonly list: Note[] = []

  left(place: string, zh: string, en: string): void {
    this.list.push({ place, left: true, text: { zh, en } })
  }

  changed(place: string, zh: string, en: string): void {
    this.list.push({ place, left: false, text: { zh, en } })
  }
}

/** The file is not of the format it is said to be. */
export class ImportFault extends Error {
  readonly code = 'IMPORT_FAULT'
  readonly exitCode = 1
  readonly text: Text
  constructor(zh: string, en: string, options?: ErrorOptions) {
    super(en, options)
    this.name = 'ImportFault'
    this.text = { zh, en }
  }
}

const NUMBERED: Readonly<Record<string, Table>> = { 0: 'coil', 1: 'discrete-input', 3: 'input-register', 4: 'holding-register' }

/** The table and number of an address such as 400001 or 40001; the number still counts from where the other product begins. */
export function tableOfNumber(digits: string): { table: Table; number: number } | undefined {
  if (!/^[0134]\d{4,5}$/.test(digits)) return undefined
  const table = NUMBERED[digits.charAt(0)]
  return table === undefined ? undefined : { table, number: Number(digits.slice(1)) }
}

/** 0.30000000000000004 is an artefact of the arithmetic, not of the plant. */
export const rounded = (value: number): number => Number(value.toPrecision(12))

export const inAddressSpace = (address: number): boolean => Number.isInteger(address) && address >= 0 && address <= 0xffff
