// The control program of the gate station: pilots of the regulator lines, heater, odorant, flow computers and alarms.
// It knows the plant only by its instruments and drives, and the people only by the coils and registers they write.
import type { GasActuators } from '../plants/gas.ts'
import type { GasSignals } from '../plants/gas-instruments.ts'
import { ATMOSPHERE, NORMAL_DENSITY } from '../plants/gas-law.ts'
import { linepack } from '../plants/gas-network.ts'
import { bounded } from './bounded.ts'
import { Burner } from './gas-burner.ts'
import { type Counter, FlowComputer } from './gas-flow-computer.ts'
import { GAS_MAP, type GasCommand, type GasSetpoint, type GasTag } from './gas-map.ts'
import { GasWatch } from './gas-watch.ts'
import type { Program } from './plc.ts'
import type { RegisterImage } from './register-image.ts'
import { readTag, writeTag } from './tag-map.ts'

// What the program takes from people at most; bar.
const WORKER = { low: 1, high: 6.5 }
const MONITOR = { low: 1, high: 7 }
const OFFSET = { low: 0, high: 1 }
const DOSE = { low: 0, high: 60, gramsPerMl: 1 }
const RESET = { leastInlet: 8, holdSeconds: 5 }
const TANK_FULL = 94
const HANDOVER_SECONDS = 120
const LINES = [lineTags('line1'), lineTags('line2')] as const

interface Plant {
  readonly signals: Readonly<GasSignals>
  readonly actuators: GasActuators
}

export class GasProgram implements Program<GasTag> {
  readonly #plant: Plant
  readonly #image: RegisterImage
  readonly #computers: readonly [FlowComputer, FlowComputer]
  readonly #burner: Burner
  readonly #watch = new GasWatch()
  readonly #resetFor: [number, number] = [0, 0]
  #active: 0 | 1
  #handover = 0

  constructor(options: { plant: Plant; image: RegisterImage; counted: readonly [Counter, Counter] }) {
    this.#plant = options.plant
    this.#image = options.image
    this.#burner = new Burner(options.plant.actuators.firing)
    this.#computers = [new FlowComputer(options.counted[0]), new FlowComputer(options.counted[1])]
    this.#active = this.#setpoint('line.active') === 2 ? 1 : 0
  }

  scan(seconds: number): void {
    const { signals } = this.#plant
    this.#computers[0].scan(signals.lines[0], this.#setpoint('line1.meter-factor'), seconds)
    this.#computers[1].scan(signals.lines[1], this.#setpoint('line2.meter-factor'), seconds)
    this.#loadPilots(seconds)
    this.#reset(0, seconds)
    this.#reset(1, seconds)
    this.#selectFilter()
    this.#heat(seconds)
    this.#dose()
    this.#watch.scan(
      {
        ...{ signals, dosing: this.#plant.actuators.odorant.rate },
        ...{ highLimit: this.#setpoint('outlet.high-limit'), lowLimit: this.#setpoint('outlet.low-limit') }
      },
      seconds
    )
  }

  publish(put: (tag: GasTag, value: number) => void): void {
    const { signals } = this.#plant
    put('inlet.pressure', signals.inletPressure)
    put('inlet.temperature', signals.inletTemperature)
    put('filter.drop', signals.filterDrop)
    put('heater.bath-temperature', signals.bathTemperature)
    put('heater.power', signals.heaterPower)
    put('heater.firing', this.#burner.firing * 100)
    put('heater.gas-flow', signals.fuelFlow)
    put('outlet.pressure', signals.outletPressure)
    put('outlet.temperature', signals.outletTemperature)
    put('network.pressure', signals.networkPressure)
    put('network.linepack', this.#linepack())
    put('station.flow', this.#flow())
    put('station.total', this.#computers[0].total + this.#computers[1].total)
    put('town.flow', signals.townFlow)
    put('estate.flow', signals.estateFlow)
    put('odorant.rate', signals.odorantRate)
    put('odorant.level', signals.odorantLevel)
    put('odorant.concentration', signals.concentration)
    put('station.gas', signals.gasInRoom)
    put('air.temperature', signals.airTemperature)
    this.#publishLine(0, put)
    this.#publishLine(1, put)
    put('heater.flame', signals.flame ? 1 : 0)
    put('odorant.running', signals.odorantRate > 0 ? 1 : 0)
    put('relief.open', signals.reliefOpen ? 1 : 0)
    put('heater.fault', this.#burner.fault ? 1 : 0)
    put('power.ok', signals.powerOk ? 1 : 0)
    this.#watch.publish(put)
  }

  #publishLine(i: 0 | 1, put: (tag: GasTag, value: number) => void): void {
    const signals = this.#plant.signals.lines[i]
    const tags = LINES[i]
    put(tags.drop, signals.drop)
    put(tags.pressure, signals.pressure)
    put(tags.temperature, signals.temperature)
    put(tags.flow, this.#computers[i].flow)
    put(tags.total, Math.floor(this.#computers[i].total))
    put(tags.worker, signals.worker)
    put(tags.monitor, signals.monitor)
    put(tags.active, this.#active === i ? 1 : 0)
    put(tags.slammed, signals.slammed ? 1 : 0)
    put(tags.open, signals.open ? 1 : 0)
  }

  // Regulators work by the pressure of the gas and need no power.
  release(): void {
    const { actuators } = this.#plant
    actuators.firing = 0
    actuators.odorant.rate = 0
    actuators.odorant.refill = false
    for (const line of actuators.lines) line.reset = false
  }

  #setpoint(name: GasSetpoint): number {
    return readTag(this.#image, GAS_MAP.tags[name])
  }

  #command(name: GasCommand): boolean {
    return readTag(this.#image, GAS_MAP.tags[name]) === 1
  }

  #flow(): number {
    return this.#computers[0].flow + this.#computers[1].flow
  }

  #linepack(): number {
    const { outletPressure, networkPressure, inletTemperature } = this.#plant.signals
    return linepack(outletPressure + ATMOSPHERE, networkPressure + ATMOSPHERE, inletTemperature) / NORMAL_DENSITY
  }

  // The active line holds the pressure of the station; the standby line lies below it and comes in by itself. When they change
  // over, the old one is let down only after the new one is loaded.
  #loadPilots(seconds: number): void {
    const { lines } = this.#plant.actuators
    // A line that is neither 1 nor 2 is not taken over.
    const active = this.#setpoint('line.active')
    this.#handover = Math.max(0, this.#handover - seconds)
    if ((active === 1 || active === 2) && active !== this.#active + 1) {
      this.#active = active === 1 ? 0 : 1
      this.#handover = HANDOVER_SECONDS
    }
    const leading = bounded(this.#setpoint('outlet.pressure-setpoint'), WORKER)
    const standing = bounded(leading - bounded(this.#setpoint('standby.offset'), OFFSET), WORKER)
    const pilot = (i: 0 | 1) => (this.#active === i || this.#handover > 0 ? leading : standing)
    lines[0].worker = this.#command('line1.auto') ? pilot(0) : bounded(this.#setpoint('line1.hand-setpoint'), WORKER)
    lines[1].worker = this.#command('line2.auto') ? pilot(1) : bounded(this.#setpoint('line2.hand-setpoint'), WORKER)
    lines[0].monitor = bounded(this.#setpoint('line1.monitor-setpoint'), MONITOR)
    lines[1].monitor = bounded(this.#setpoint('line2.monitor-setpoint'), MONITOR)
    lines[0].open = this.#command('line1.open')
    lines[1].open = this.#command('line2.open')
  }

  // A reset acts only while the pressures are normal, and its coil falls back by itself.
  #reset(i: 0 | 1, seconds: number): void {
    const { signals, actuators } = this.#plant
    const name = i === 0 ? 'line1.slam-reset' : 'line2.slam-reset'
    const normal = signals.outletPressure < this.#setpoint('outlet.high-limit') && signals.inletPressure > RESET.leastInlet
    const wanted = this.#command(name)
    actuators.lines[i].reset = wanted && normal
    this.#resetFor[i] = wanted ? this.#resetFor[i] + seconds : 0
    if (this.#resetFor[i] >= RESET.holdSeconds) writeTag(this.#image, GAS_MAP.tags[name], 0)
  }

  #selectFilter(): void {
    const selected = this.#setpoint('filter.selected')
    if (selected === 1 || selected === 2) this.#plant.actuators.filter = selected
  }

  #heat(seconds: number): void {
    const { signals, actuators } = this.#plant
    this.#burner.scan(
      {
        ...{ enabled: this.#command('heater.enable'), auto: this.#command('heater.auto') },
        ...{ setpoint: this.#setpoint('heater.temperature-setpoint'), temperature: signals.outletTemperature },
        ...{ handFiring: this.#setpoint('heater.hand-firing') / 100, flow: this.#flow() },
        ...{ flame: signals.flame, powerOk: signals.powerOk }
      },
      seconds
    )
    actuators.firing = this.#burner.firing
  }

  #dose(): void {
    const { signals, actuators } = this.#plant
    const dose = bounded(this.#setpoint('odorant.dose-setpoint'), DOSE)
    const paced = (dose * this.#flow()) / 1000 / DOSE.gramsPerMl
    const rate = this.#command('odorant.auto') ? paced : this.#setpoint('odorant.hand-rate')
    actuators.odorant.rate = this.#command('odorant.enable') && signals.powerOk ? rate : 0
    const refill = this.#command('odorant.refill')
    actuators.odorant.refill = refill
    if (refill && signals.odorantLevel > TANK_FULL) writeTag(this.#image, GAS_MAP.tags['odorant.refill'], 0)
  }
}

// Made once: names that are put together in every scan cost more than all the rest of the program.
function lineTags<Line extends 'line1' | 'line2'>(line: Line) {
  return {
    drop: `${line}.orifice-drop`,
    pressure: `${line}.pressure`,
    temperature: `${line}.temperature`,
    flow: `${line}.flow`,
    total: `${line}.total`,
    worker: `${line}.worker-opening`,
    monitor: `${line}.monitor-opening`,
    active: `${line}.active`,
    slammed: `${line}.slammed`,
    open: `${line}.valve-open`
  } as const
}
