// What leaves the tower: the upper zone by gravity, the lower zone through a pressure reducing valve, and the wash of the filters.
// One meter at the tower's outlet sees all of it; a second one sees what goes through the valve.
import { Demand } from './demand.ts'
import { Noise, Wander } from './noise.ts'
import type { WaterTroubles } from './water-troubles.ts'

export const BAR_PER_METRE = 0.0980665
// Pressures are those of the metering points, which lie so many metres below the tower's bottom.
const UPPER = { below: 30, demand: 110, leakage: 9 }
const LOWER = { below: 52, demand: 40, leakage: 3 }
// Leakage grows with pressure; it is told at this one, in bar.
const LEAKAGE_AT = 3
const MAIN_FRICTION = 1e-4
// Below this the taps of the lower zone give less, in bar.
const FULL_TAPS = 1.5
const VALVE = { capacity: 90, strokeSeconds: 20, lagSeconds: 4, inletLagSeconds: 1 }
// A spring and a membrane hold no pressure exactly: it droops with the flow, rises a little with the pressure before the valve,
// and the pilot sticks; bar per m3/h about a usual flow, bar per bar about a usual inlet, bar.
const PILOT = { droop: 0.0012, flow: 40, inletShare: 0.02, inlet: 5, deviation: 0.012, memorySeconds: 1500 }
// Water hammer: what stands in the pipe before the valve pushes when the valve stops it, in metres per m3/h and second.
const HAMMER = 1.4
const WASH = { flow: 45, lagSeconds: 5 }

export interface Zones {
  /** m3/h, at the tower's outlet. */
  zoneFlow: number
  /** bar */
  zonePressure: number
  zone2Flow: number
  zone2Pressure: number
  /** bar, before the reducing valve. */
  zone2Inlet: number
  /** How far the inlet valve is open, 0 to 1. */
  zone2Valve: number
  washFlow: number
}

export interface Drawn {
  demand: number
  leakage: number
  wash: number
}

export interface DrawOptions {
  /** What the tower holds, m3, and the level of it, m. */
  volume: number
  level: number
  share: number
  reducedPressure: number
  inletOpen: boolean
  washing: boolean
  troubles: WaterTroubles
  seconds: number
}

/** The zones with such a level in the tower, when the town draws such a share of its mean. */
export function zonesAt(level: number, share: number): Zones {
  const zone2Flow = LOWER.demand * share + LOWER.leakage
  const zoneFlow = UPPER.demand * share + UPPER.leakage + zone2Flow
  const head = level - MAIN_FRICTION * zoneFlow ** 2
  return {
    ...{ zoneFlow, zonePressure: (UPPER.below + head) * BAR_PER_METRE, washFlow: 0 },
    ...{ zone2Flow, zone2Pressure: LEAKAGE_AT, zone2Inlet: (LOWER.below + head) * BAR_PER_METRE, zone2Valve: 1 }
  }
}

export class Taps {
  readonly #upper: Demand
  readonly #lower: Demand
  readonly #pilot: Wander
  readonly #drawn: Drawn = { demand: 0, leakage: 0, wash: 0 }

  constructor(seed: number) {
    this.#upper = new Demand({ seed, mean: UPPER.demand, name: 'demand' })
    this.#lower = new Demand({ seed, mean: LOWER.demand, name: 'demand of the lower zone' })
    const { deviation, memorySeconds } = PILOT
    this.#pilot = new Wander({ noise: new Noise(seed, 'reducing valve'), deviation, memorySeconds })
  }

  /** Gives what was drawn, in m3, and leaves flows and pressures in the zones; the record is good until the next call. */
  draw(zones: Zones, options: DrawOptions): Readonly<Drawn> {
    const { volume, level, share, troubles, seconds } = options
    const hours = seconds / 3600
    const stroking = moveValves(zones, options)
    const before = zones.zone2Flow
    const upper = this.#upper.step(share, seconds) + troubles['fire-flow']
    const leak = leakage(UPPER.leakage + troubles.leak, zones.zonePressure)
    const taps = this.#lower.step(share, seconds) * Math.min(1, Math.sqrt(Math.max(0, zones.zone2Pressure) / FULL_TAPS))
    const leak2 = leakage(LOWER.leakage + troubles['zone2-leak'], zones.zone2Pressure)
    const passes = VALVE.capacity * zones.zone2Valve * Math.sqrt(Math.max(0, zones.zone2Inlet))
    const reaching = taps + leak2 > 0 ? Math.min(1, passes / (taps + leak2)) : 0
    const wanted = upper + leak + (taps + leak2) * reaching + zones.washFlow
    // An empty tower gives no more than it has; all go short alike.
    const given = wanted > 0 ? Math.min(1, volume / (wanted * hours)) : 0
    zones.zoneFlow = wanted * given
    zones.zone2Flow = (taps + leak2) * reaching * given
    zones.washFlow *= given
    const surge = stroking ? (HAMMER * (before - zones.zone2Flow)) / seconds : 0
    settlePressures(zones, { ...options, surge, level: given < 1 ? null : level, pilot: this.#pilot.step(seconds) })
    const drawn = this.#drawn
    drawn.demand = (upper + taps * reaching) * given * hours
    drawn.leakage = (leak + leak2 * reaching) * given * hours
    drawn.wash = zones.washFlow * hours
    return drawn
  }
}

const leakage = (amount: number, pressure: number): number => (amount * Math.max(0, pressure)) / LEAKAGE_AT

/** Gives whether the inlet valve is on its way. */
function moveValves(zones: Zones, { inletOpen, washing, seconds }: DrawOptions): boolean {
  const stroke = seconds / VALVE.strokeSeconds
  const before = zones.zone2Valve
  zones.zone2Valve = inletOpen ? Math.min(1, zones.zone2Valve + stroke) : Math.max(0, zones.zone2Valve - stroke)
  zones.washFlow = towards(zones.washFlow, washing ? WASH.flow : 0, seconds, WASH.lagSeconds)
  return zones.zone2Valve !== before
}

// level null: the tower is empty and no pressure stands anywhere.
type Settling = Omit<DrawOptions, 'level'> & { level: number | null; surge: number; pilot: number }

function settlePressures(zones: Zones, { level, surge, pilot, reducedPressure, troubles, seconds }: Settling): void {
  const head = level === null ? null : level - MAIN_FRICTION * zones.zoneFlow ** 2
  zones.zonePressure = towards(zones.zonePressure, head === null ? 0 : (UPPER.below + head) * BAR_PER_METRE, seconds, 3)
  const inlet = head === null ? 0 : Math.max(0, LOWER.below + head + surge) * BAR_PER_METRE
  zones.zone2Inlet = towards(zones.zone2Inlet, inlet, seconds, VALVE.inletLagSeconds)
  const lost = zones.zone2Valve > 0 ? (zones.zone2Flow / (VALVE.capacity * zones.zone2Valve)) ** 2 : zones.zone2Inlet
  const most = Math.max(0, zones.zone2Inlet - lost)
  // A valve that hangs lets through a share of the pressure that it should have taken away.
  const held = reducedPressure + pilot - PILOT.droop * (zones.zone2Flow - PILOT.flow) + PILOT.inletShare * (zones.zone2Inlet - PILOT.inlet)
  const regulated = Math.min(most, Math.max(0, held))
  const target = regulated + Math.min(1, Math.max(0, troubles['valve-hangs'])) * (most - regulated)
  zones.zone2Pressure = towards(zones.zone2Pressure, target, seconds, VALVE.lagSeconds)
}

const towards = (from: number, to: number, seconds: number, lagSeconds: number): number =>
  from + ((to - from) * seconds) / (lagSeconds + seconds)
