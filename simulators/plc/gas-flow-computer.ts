// The flow computer of a metering line: from the pressure across the orifice, the pressure and the temperature to m3/h(N),
// and the totaliser that the bill is written by.
import { ORIFICE } from '../plants/gas.ts'
import type { LineSignals } from '../plants/gas-instruments.ts'
import { ATMOSPHERE, densityAt, normalFlow } from '../plants/gas-law.ts'
import { bounded } from './bounded.ts'

const FACTOR = { low: 0.9, high: 1.1 }

/** m3(N); the flow computer counts on in it, and it outlives a loss of power. */
export interface Counter {
  total: number
}

export class FlowComputer {
  /** m3/h(N) */
  flow = 0
  readonly #counter: Counter

  constructor(counter: Counter) {
    this.#counter = counter
  }

  get total(): number {
    return this.#counter.total
  }

  // The flow goes with the root of drop times density, which is that of drop * p / T.
  scan({ drop, pressure, temperature }: LineSignals, factor: number, seconds: number): void {
    const density = densityAt(pressure + ATMOSPHERE, temperature)
    this.flow = normalFlow(bounded(factor, FACTOR) * ORIFICE * Math.sqrt(Math.max(0, drop) * density))
    this.#counter.total += (this.flow * seconds) / 3600
  }
}
