// Two circulation pumps in parallel on a closed loop: no height to lift, only friction. Flows are m3/h, heads m.
import { type Pump, shutoffHead } from './pumps.ts'

export const CIRCULATORS: readonly [Pump, Pump] = [
  { shutoffHead: 34, slope: 1e-4, bestFlow: 260, bestEfficiency: 0.8 },
  // The second one has a worn impeller.
  { shutoffHead: 33.2, slope: 1e-4, bestFlow: 255, bestEfficiency: 0.77 }
]

/** The flow at which the pumps' head is used up by friction (m per (m3/h)^2), and the part of each. */
export function circulation(speeds: readonly [number, number], friction: number): [number, number] {
  const slope = CIRCULATORS[0].slope
  const shutoffs = [shutoffHead(CIRCULATORS[0], speeds[0]), shutoffHead(CIRCULATORS[1], speeds[1])] as const
  const strong = shutoffs[0] >= shutoffs[1] ? 0 : 1
  const high = shutoffs[strong]
  const low = shutoffs[strong === 0 ? 1 : 0]
  if (high <= 0) return [0, 0]
  const alone = Math.sqrt(high / (slope + friction))
  const [most, least] = friction * alone ** 2 >= low ? [alone, 0] : shared(high, low, slope, friction)
  return strong === 0 ? [most, least] : [least, most]
}

// The head lies between what the strong pump gives alone and the shut-off head of the weak one; halving finds it.
function shared(high: number, low: number, slope: number, friction: number): [number, number] {
  const through = (shutoff: number, head: number) => Math.sqrt(Math.max(0, shutoff - head) / slope)
  let under = 0
  let over = low
  for (let i = 0; i < 40; i++) {
    const head = (under + over) / 2
    if (through(high, head) + through(low, head) > Math.sqrt(head / friction)) under = head
    else over = head
  }
  return [through(high, over), through(low, over)]
}
