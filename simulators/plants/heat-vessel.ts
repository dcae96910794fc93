// The expansion vessel keeps the loop under pressure: a cushion of gas over the water that the loop has to spare.

const SIZE = 12
const ATMOSPHERE = 1.013
const RELIEF = { opens: 5, perBar: 10 }

export class Vessel {
  /** m3 of water in it that were put there, besides the growth of the loop's water. */
  content: number
  temperature = 18

  constructor(pressure: number, growth: number) {
    this.content = SIZE - (ATMOSPHERE * SIZE) / (pressure + ATMOSPHERE) - growth
  }

  /** bar above the atmosphere, when the water of the loop has grown by some m3. */
  pressure(growth: number): number {
    const gas = Math.max(0.02 * SIZE, SIZE - this.content - growth)
    return (ATMOSPHERE * SIZE) / gas - ATMOSPHERE
  }

  /** m3/h that the relief valve lets out. */
  relief(pressure: number): number {
    return Math.max(0, pressure - RELIEF.opens) * RELIEF.perBar
  }

  /** m3 that come in at a temperature, after m3 have gone to the loop. */
  step(added: number, temperature: number, given: number): void {
    const left = this.content - given
    this.content = left + added
    if (added > 0) this.temperature = (left * this.temperature + added * temperature) / this.content
  }
}
