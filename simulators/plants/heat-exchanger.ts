// A plate heat exchanger in counterflow by the effectiveness-NTU method. Flows are m3/h, capacities kW/K.

/** kWh that a cubic metre of water takes up per degree. */
export const WATER_HEAT = 1.163

export interface Exchanger {
  /** kW/K with both sides at their rated flow. */
  conductance: number
  ratedPrimary: number
  ratedSecondary: number
}

/** kW that pass per degree between both inlets. Dirt from 0 to 1 is the share of the conductance that is lost to it. */
export function transfer(exchanger: Exchanger, primary: number, secondary: number, dirt: number): number {
  if (primary <= 0 || secondary <= 0) return 0
  const hot = WATER_HEAT * primary
  const cold = WATER_HEAT * secondary
  const least = Math.min(hot, cold)
  const ratio = least / Math.max(hot, cold)
  // Each side resists the less the faster it flows; turbulent flow in plates goes with the power of about 0.7.
  const resistance = ((exchanger.ratedPrimary / primary) ** 0.7 + (exchanger.ratedSecondary / secondary) ** 0.7) / 2
  const units = (exchanger.conductance * (1 - Math.min(1, Math.max(0, dirt)))) / resistance / least
  return effectiveness(units, ratio) * least
}

export function effectiveness(units: number, ratio: number): number {
  // Both sides alike: the general formula becomes 0/0.
  if (1 - ratio < 1e-6) return units / (1 + units)
  const fading = Math.exp(-units * (1 - ratio))
  return (1 - fading) / (1 - ratio * fading)
}
