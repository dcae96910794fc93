// Two wells of one field: the pumps draw from the first, and the second follows through the ground between them.
// Levels are counted from the pump intake; a well holds its area times its level.

export const WELLS = { areas: [12, 5], restLevel: 24, intakeBelowGround: 33 } as const
// What the aquifer gives per metre of drawdown, and what the ground passes from well to well per metre of difference, m2/h.
const YIELDS = [45, 25] as const
const BETWEEN = 60

export interface Wells {
  /** m3 */
  wellVolume: number
  well2Volume: number
}

/** What can be drawn in the time without the first well running dry, m3/h. */
export const mostFrom = ({ wellVolume }: Wells, hours: number): number => wellVolume / hours

// Backward Euler for both levels at once: stable for any step, and what is drawn is exactly what is missing afterwards.
/** Moves the wells on and gives what came from the aquifer, in m3. */
export function stepWells(wells: Wells, options: { drawn: number; rest: number; hours: number }): number {
  const { drawn, rest, hours } = options
  const own = WELLS.areas[0] + (YIELDS[0] + BETWEEN) * hours
  const other = WELLS.areas[1] + (YIELDS[1] + BETWEEN) * hours
  const across = BETWEEN * hours
  const first = wells.wellVolume - drawn + YIELDS[0] * rest * hours
  const second = wells.well2Volume + YIELDS[1] * rest * hours
  const determinant = own * other - across ** 2
  const level = (first * other + across * second) / determinant
  const level2 = (own * second + across * first) / determinant
  const passed = across * (level2 - level)
  const gained = YIELDS[0] * (rest - level) * hours
  const gained2 = YIELDS[1] * (rest - level2) * hours
  wells.wellVolume += gained + passed - drawn
  wells.well2Volume += gained2 - passed
  return gained + gained2
}
