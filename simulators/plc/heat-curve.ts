// The heating curve: how warm the supply must be for an outdoor temperature. It bends, since radiators give more than in
// proportion to their excess: with slope 1.3 at -9 degrees 20 + 1.3 x 29 = 57.7, at 10 degrees 20 + 37.7 x (10/29)^0.8 = 36.1.

export interface Curve {
  slope: number
  shift: number
  minimum: number
  maximum: number
  /** Degrees taken off at night. */
  reduction: number
}

const ROOM = 20
const DESIGN_SPAN = 29

export function supplyBy({ slope, shift, minimum, maximum, reduction }: Curve, outdoor: number): number {
  const cold = Math.max(0, ROOM - outdoor) / DESIGN_SPAN
  const wanted = ROOM + shift - reduction + slope * DESIGN_SPAN * cold ** 0.8
  return Math.max(Math.min(minimum, maximum), Math.min(maximum, wanted))
}

/** Whether a minute of the day lies in the night, which may reach over midnight. */
export const isNight = (minute: number, start: number, end: number): boolean =>
  start <= end ? minute >= start && minute < end : minute >= start || minute < end
