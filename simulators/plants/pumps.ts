// Two centrifugal pumps in parallel on one rising main: affinity laws, efficiency and the inertia of the water column.
// Flows are m3/h, heads m, power kW; speed is a fraction of the rated speed.

export interface Pump {
  /** Head against a shut valve at rated speed. */
  shutoffHead: number
  /** Head lost per (m3/h)^2 inside the pump. */
  slope: number
  /** Flow of best efficiency at rated speed. */
  bestFlow: number
  bestEfficiency: number
}

export interface RisingMain {
  /** Head lost to friction per (m3/h)^2. */
  friction: number
  /** Head that is needed to speed the column up by 1 m3/h in 1 s. */
  inertia: number
}

const DRIVE_EFFICIENCY = 0.93 * 0.97
const WATER_KW = 9.81 / 3600

// Affinity laws: head grows with the square of speed.
export const shutoffHead = (pump: Pump, speed: number): number => pump.shutoffHead * speed ** 2

export interface Share {
  flows: [number, number]
  /** Head at the junction where both pumps discharge. */
  head: number
}

// How two pumps of the same slope share a given flow: Q1 = sqrt((H1 - h) / k), Q2 = sqrt((H2 - h) / k), Q1 + Q2 = Q.
// The weaker one stays shut by its check valve until the stronger one has come down to its shut-off head.
export function shareFlow(total: number, shutoffs: readonly [number, number], slope: number): Share {
  const root = total * Math.sqrt(slope)
  const difference = shutoffs[0] - shutoffs[1]
  const apart = Math.abs(difference)
  const alone = shutoffs[0] === 0 || shutoffs[1] === 0 || root ** 2 <= apart
  const strong = alone ? root : (root + apart / root) / 2
  const flow = strong / Math.sqrt(slope)
  const head = Math.max(shutoffs[0], shutoffs[1]) - strong ** 2
  return { flows: difference >= 0 ? [flow, total - flow] : [total - flow, flow], head }
}

// Rigid water column: friction, height and the pumps decide how fast it speeds up; check valves keep it from running back.
export function stepColumn(flow: number, options: { head: number; staticHead: number; main: RisingMain; seconds: number }): number {
  const { head, staticHead, main, seconds } = options
  const surplus = head - staticHead - main.friction * flow ** 2
  return Math.max(0, flow + (surplus / main.inertia) * seconds)
}

// Efficiency is a parabola in Q / (s Qbest). Written as power, the formula stays finite at no flow:
// P = w Q H / eta with eta = best x (2 - x), x = Q / (s Qbest), gives w s Qbest H / (best (2 - x)).
export function electricPower(pump: Pump, speed: number, flow: number): number {
  if (speed <= 0) return 0
  const x = Math.min(1.8, flow / (speed * pump.bestFlow))
  const head = Math.max(0, shutoffHead(pump, speed) - pump.slope * flow ** 2)
  return (WATER_KW * speed * pump.bestFlow * head) / (pump.bestEfficiency * (2 - x) * DRIVE_EFFICIENCY)
}

export function efficiency(pump: Pump, speed: number, flow: number): number {
  if (speed <= 0) return 0
  const x = flow / (speed * pump.bestFlow)
  return Math.max(0, pump.bestEfficiency * x * (2 - x))
}
