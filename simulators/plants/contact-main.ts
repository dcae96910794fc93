// The contact main: hypochlorite is injected at its inlet and has time to mix, react and decay before the analyser.
// Four mixed cells in a row stand for the spread of residence times in a pipe.

export interface ContactMainOptions {
  /** Volume between injection and analyser, m3. */
  volume: number
  /** Decay in the bulk water, 1/s. */
  decay: number
  /** Residual at the start, mg/L. */
  residual: number
}

const CELLS = 4

export class ContactMain {
  readonly #cells: number[]
  readonly #volume: number
  readonly #decay: number

  constructor({ volume, decay, residual }: ContactMainOptions) {
    this.#cells = Array.from({ length: CELLS }, () => residual)
    this.#volume = volume / CELLS
    this.#decay = decay
  }

  /** Residual at the analyser, mg/L. */
  get residual(): number {
    return this.#cells[CELLS - 1] ?? 0
  }

  /** flow m3/s, dose g/s of chlorine, demand of the raw water mg/L. */
  step(options: { flow: number; dose: number; demand: number; seconds: number }): void {
    const { flow, dose, demand, seconds } = options
    // Backward in time, so that a long step flushes a cell instead of overshooting it. Written as mass, so that dosing into
    // standing water concentrates instead of dividing by no flow.
    const exchanged = (flow * seconds) / this.#volume
    const loss = 1 + exchanged + this.#decay * seconds
    let arriving = ((dose - flow * demand) * seconds) / this.#volume
    for (let i = 0; i < CELLS; i++) {
      const after = Math.max(0, ((this.#cells[i] ?? 0) + arriving) / loss)
      this.#cells[i] = after
      arriving = exchanged * after
    }
  }
}
