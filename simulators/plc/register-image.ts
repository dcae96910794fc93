// The four Modbus tables of a PLC. Addresses outside the layout do not exist: a read or write that touches one is refused.

export const TABLES = ['coils', 'discreteInputs', 'inputRegisters', 'holdingRegisters'] as const
export type Table = (typeof TABLES)[number]

/** First and last address of each stretch that exists. */
export type Layout = Record<Table, readonly (readonly [number, number])[]>

export class RegisterImage {
  readonly coils: Uint8Array
  readonly discreteInputs: Uint8Array
  readonly inputRegisters: Uint16Array
  readonly holdingRegisters: Uint16Array
  // For each address, how many addresses exist from there on without a gap.
  readonly #reach: Record<Table, Uint32Array>

  constructor(layout: Layout) {
    const reach = (table: Table) => reachOf(layout[table])
    this.#reach = {
      coils: reach('coils'),
      discreteInputs: reach('discreteInputs'),
      inputRegisters: reach('inputRegisters'),
      holdingRegisters: reach('holdingRegisters')
    }
    this.coils = new Uint8Array(this.#reach.coils.length)
    this.discreteInputs = new Uint8Array(this.#reach.discreteInputs.length)
    this.inputRegisters = new Uint16Array(this.#reach.inputRegisters.length)
    this.holdingRegisters = new Uint16Array(this.#reach.holdingRegisters.length)
  }

  has(table: Table, address: number, count: number): boolean {
    return (this.#reach[table][address] ?? 0) >= count
  }
}

function reachOf(stretches: readonly (readonly [number, number])[]): Uint32Array {
  const end = stretches.reduce((most, [, last]) => Math.max(most, last + 1), 0)
  const exists = new Uint8Array(end)
  for (const [first, last] of stretches) exists.fill(1, first, last + 1)
  const reach = new Uint32Array(end)
  for (let address = end - 1; address >= 0; address--) reach[address] = exists[address] === 1 ? (reach[address + 1] ?? 0) + 1 : 0
  return reach
}
