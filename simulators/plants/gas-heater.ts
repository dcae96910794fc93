// The water-bath heater before the regulators: a burner on station gas warms the bath, the bath warms the gas, and the
// pressure reduction cools it again.
import { CALORIFIC_VALUE, HEAT_CAPACITY } from './gas-law.ts'

const BURNER = { kilowatts: 360, efficiency: 0.9, lagSeconds: 8 }
// kJ/K, kW/K
const BATH = { heat: 5000, transfer: 7, loss: 0.12, boils: 92 }
const KELVIN_PER_BAR = 0.5

export class GasHeater {
  /** °C */
  bath: number
  warmed: number
  reduced: number
  /** kW of the gas that is burnt. */
  power = 0

  constructor(options: { inlet: number; reduction: number; outlet: number; flow: number }) {
    this.warmed = options.outlet + KELVIN_PER_BAR * options.reduction
    this.reduced = options.outlet
    const stream = options.flow * HEAT_CAPACITY
    const lift = Math.max(0, this.warmed - options.inlet)
    this.bath = options.inlet + lift / effectOf(stream)
    this.power = (stream * lift) / BURNER.efficiency
  }

  step(options: { firing: number; lit: boolean; inlet: number; air: number; reduction: number; flow: number; seconds: number }): void {
    const { firing, lit, inlet, air, reduction, flow, seconds } = options
    // The safety thermostat cuts the burner, whatever the PLC says.
    const wanted = lit && this.bath < BATH.boils ? BURNER.kilowatts * Math.min(1, Math.max(0, firing)) : 0
    this.power += ((wanted - this.power) * seconds) / (BURNER.lagSeconds + seconds)
    const stream = flow * HEAT_CAPACITY
    const effect = effectOf(stream)
    // Implicit: what the bath gives away grows with its own temperature.
    const given = stream * effect
    const into = this.power * BURNER.efficiency + given * inlet + BATH.loss * air
    this.bath = (BATH.heat * this.bath + seconds * into) / (BATH.heat + seconds * (given + BATH.loss))
    this.warmed = inlet + effect * (this.bath - inlet)
    const reduced = this.warmed - KELVIN_PER_BAR * Math.max(0, reduction)
    // Standing gas takes the temperature of the room; flowing gas that of the reduction.
    const renewal = 20 / (0.05 + flow)
    this.reduced += ((reduced - this.reduced) * seconds) / (renewal + seconds)
  }

  /** The firing at which it burns as it does, 0 to 1. */
  get firing(): number {
    return this.power / BURNER.kilowatts
  }

  /** kg/s for a normal density in kg/m3. */
  fuel(density: number): number {
    return (this.power / CALORIFIC_VALUE / 3600) * density
  }
}

// The share of the way from the inlet to the bath that gas of a stream in kW/K comes.
const effectOf = (stream: number): number => (stream > 1e-6 ? 1 - Math.exp(-BATH.transfer / stream) : 1)
