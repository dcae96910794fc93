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

// Rigid water column by backward Euler: after a short step the column has sped up, after a long one pumps, height and friction
// are in balance. Check valves keep it from running back.
export function stepColumn(
  flow: number,
  options: { shutoffs: readonly [number, number]; slope: number; staticHead: number; main: RisingMain; seconds: number }
): number {
  const { shutoffs, slope, staticHead, main, seconds } = options
  const mass = main.inertia / seconds
  const surplus = Math.max(shutoffs[0], shutoffs[1]) - staticHead + mass * flow
  const alone = positiveRoot(slope + main.friction, mass, surplus)
  const apart = Math.abs(shutoffs[0] - shutoffs[1])
  if (shutoffs[0] === 0 || shutoffs[1] === 0 || slope * alone ** 2 <= apart) return alone
  // Both deliver: the head they share is Hmax - (k Q^2 / 4 + d / 2 + d^2 / (4 k Q^2)) with d apart. Without the last term the root
  // lies above the true one, and from there Newton comes down to it without overshooting.
  const square = slope / 4 + main.friction
  const last = apart ** 2 / (4 * slope)
  let total = positiveRoot(square, mass, surplus - apart / 2)
  for (let i = 0; i < 8; i++) {
    const excess = square * total ** 2 + mass * total + last / total ** 2 + apart / 2 - surplus
    const correction = excess / (2 * square * total + mass - (2 * last) / total ** 3)
    total -= correction
    if (Math.abs(correction) <= 1e-10 * total) break
  }
  return total
}

// Of a x^2 + b x = c, written so that it loses no digits when a step is short; 0 when there is none above.
const positiveRoot = (a: number, b: number, c: number): number => (c <= 0 ? 0 : (2 * c) / (b + Math.sqrt(b ** 2 + 4 * a * c)))

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
