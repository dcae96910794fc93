// The control program of the waterworks: level control with lead and lag pump, interlocks, alarms and chlorine dosing.
// It knows the plant only by its instruments and drives, and the people only by the coils and registers they write.

import type { WaterActuators } from '../plants/water.ts'
import type { WaterSignals } from '../plants/water-instruments.ts'
import { bounded } from './bounded.ts'
import { FilterWash } from './filter-wash.ts'
import { PiController } from './pi-controller.ts'
import type { Program } from './plc.ts'
import { PumpStarter } from './pump-starter.ts'
import type { RegisterImage } from './register-image.ts'
import { takeValue } from './registers.ts'
import { WATER_MAP } from './water-map.ts'
import { COMMANDS, type Command, type Flag, type Measurement, SETPOINTS, type Setpoint, type State } from './water-registers.ts'

const LEVEL_FILTER_SECONDS = 2
const LAG_BELOW_START = 0.4
const LAG_STOPS_BELOW_STOP = 0.3
export const LOW_ALARM = { on: 1.8, off: 2 }
const HIGH_ALARM_HYSTERESIS = 0.1
export const LOWER_ZONE = { low: 1.5, high: 3.8, hysteresis: 0.1 }
// What can be set at the reducing valve, bar, and how far a meter may be corrected.
const REDUCED = { low: 0.5, high: 6 }
const METER_FACTOR = { low: 0.8, high: 1.2 }
const DRY_RUN = { stop: 6, release: 9 }
const DRIVE_SPEED = { low: 30, high: 100 }
const DOSING = {
  least: 30,
  mgPerMl: 20,
  settleSeconds: 300,
  trim: { gain: 0.25, integralSeconds: 240, low: -0.3, high: 1.2, initial: 0.15 }
}

interface Plant {
  readonly signals: Readonly<WaterSignals>
  readonly actuators: WaterActuators
}

/** What the totalisers have counted, m3 and kWh; the program counts on in it, and it outlives a loss of power. */
export interface WaterTotals {
  volume: number
  energy: number
  lowerVolume: number
  washVolume: number
}

export class WaterProgram implements Program {
  readonly #plant: Plant
  readonly #image: RegisterImage
  readonly #counted: WaterTotals
  readonly #starters = [new PumpStarter(), new PumpStarter()] as const
  readonly #trim = new PiController(DOSING.trim)
  readonly #wash = new FilterWash()
  #level: number
  #stage: 0 | 1 | 2
  #lead: 0 | 1
  #dryRun = false
  #highAlarm = false
  #lowAlarm = false
  #lowerLow = false
  #lowerHigh = false
  #dosing = false
  #shift: number
  #shiftOpen = false
  #flowingFor = 0
  #lowerFlow = 0

  constructor(options: { plant: Plant; image: RegisterImage; counted: WaterTotals }) {
    this.#plant = options.plant
    this.#image = options.image
    this.#counted = options.counted
    this.#shift = this.#setpoint('shift.number')
    this.#level = options.plant.signals.towerLevel
    this.#lead = this.#setpoint('pump.lead') === 2 ? 1 : 0
    // After a cold start the tower is filled when it is less than half way between the setpoints.
    this.#stage = this.#level < (this.#setpoint('tower.start-setpoint') + this.#setpoint('tower.stop-setpoint')) / 2 ? 1 : 0
  }

  scan(seconds: number): void {
    const { signals } = this.#plant
    this.#level += ((signals.towerLevel - this.#level) * seconds) / (LEVEL_FILTER_SECONDS + seconds)
    this.#raiseAlarms()
    this.#chooseStage()
    this.#runPumps(seconds)
    this.#dose(seconds)
    this.#supplyLowerZone(seconds)
    this.#washFilter(seconds)
    this.#changeShift()
    this.#counted.volume += (signals.towerInflow * seconds) / 3600
    this.#counted.energy += (signals.power * seconds) / 3600
  }

  publish(put: (tag: Measurement | Flag | State, value: number) => void): void {
    const { signals } = this.#plant
    put('tower.level', signals.towerLevel)
    put('tower.inflow', signals.towerInflow)
    put('zone.flow', signals.zoneFlow)
    put('zone.pressure', signals.zonePressure)
    put('well.level', signals.wellLevel)
    put('pump1.speed', signals.pumps[0].speed)
    put('pump1.current', signals.pumps[0].current)
    put('pump1.flow', signals.pumps[0].flow)
    put('pump2.speed', signals.pumps[1].speed)
    put('pump2.current', signals.pumps[1].current)
    put('pump2.flow', signals.pumps[1].flow)
    put('chlorine.residual', signals.residual)
    put('dosing.rate', signals.dosing)
    put('turbidity', signals.turbidity)
    put('water.temperature', signals.temperature)
    put('volume.total', Math.floor(this.#counted.volume))
    put('energy.total', Math.floor(this.#counted.energy))
    this.#publishLowerZone(put)
    put('pump1.running', this.#starters[0].running ? 1 : 0)
    put('pump2.running', this.#starters[1].running ? 1 : 0)
    put('dosing.running', this.#dosing ? 1 : 0)
    put('tower.high-alarm', this.#highAlarm ? 1 : 0)
    put('tower.low-alarm', this.#lowAlarm ? 1 : 0)
    put('pump1.fault', this.#starters[0].fault ? 1 : 0)
    put('pump2.fault', this.#starters[1].fault ? 1 : 0)
    put('power.ok', signals.powerOk ? 1 : 0)
  }

  #publishLowerZone(put: (tag: Measurement | Flag, value: number) => void): void {
    const { signals } = this.#plant
    put('zone2.flow', this.#lowerFlow)
    put('zone2.pressure', signals.zone2Pressure)
    put('zone2.inlet-pressure', signals.zone2Inlet)
    put('zone2.volume', Math.floor(this.#counted.lowerVolume))
    put('well2.level', signals.well2Level)
    put('wash.flow', signals.washFlow)
    put('wash.volume', Math.floor(this.#counted.washVolume))
    put('pumps.power', signals.power)
    put('zone2.opened', signals.zone2Open ? 1 : 0)
    put('zone2.low-alarm', this.#lowerLow ? 1 : 0)
    put('zone2.high-alarm', this.#lowerHigh ? 1 : 0)
    put('wash.running', this.#wash.running ? 1 : 0)
    put('wash.due', this.#wash.due ? 1 : 0)
    put('wells.dry-run', this.#dryRun ? 1 : 0)
    put('shift.open', this.#shiftOpen ? 1 : 0)
  }

  release(): void {
    const { actuators } = this.#plant
    for (const pump of actuators.pumps) pump.run = false
    actuators.dosing = 0
    actuators.washing = false
  }

  // What people write counts only as far as the range of the setpoint goes.
  #setpoint(name: Setpoint): number {
    const value = takeValue(this.#image, SETPOINTS[name])
    const { range } = WATER_MAP.tags[name]
    return range === undefined ? value : bounded(value, range)
  }

  #command(name: Command): boolean {
    return this.#image.coils[COMMANDS[name]] === 1
  }

  // A button of the operator's screen: it is taken once and springs back.
  #pressed(name: Command): boolean {
    const pressed = this.#command(name)
    if (pressed) this.#image.coils[COMMANDS[name]] = 0
    return pressed
  }

  #raiseAlarms(): void {
    const limit = this.#setpoint('tower.high-limit')
    this.#highAlarm = this.#level > limit - (this.#highAlarm ? HIGH_ALARM_HYSTERESIS : 0)
    this.#lowAlarm = this.#level < (this.#lowAlarm ? LOW_ALARM.off : LOW_ALARM.on)
    this.#dryRun = this.#plant.signals.wellLevel < (this.#dryRun ? DRY_RUN.release : DRY_RUN.stop)
  }

  // How many pumps are wanted: one below start, both further down, none above stop. Stop wins when the setpoints are crossed.
  #chooseStage(): void {
    const start = this.#setpoint('tower.start-setpoint')
    const stop = this.#setpoint('tower.stop-setpoint')
    if (this.#level >= stop) this.#stage = 0
    else if (this.#level <= start - LAG_BELOW_START) this.#stage = 2
    else if (this.#level <= start && this.#stage === 0) this.#stage = 1
    else if (this.#stage === 2 && this.#level >= stop - LAG_STOPS_BELOW_STOP) this.#stage = 1
  }

  #runPumps(seconds: number): void {
    const { signals, actuators } = this.#plant
    // A lead that is neither 1 nor 2 is not taken over.
    const lead = takeValue(this.#image, SETPOINTS['pump.lead'])
    if (lead === 1 || lead === 2) this.#lead = lead === 1 ? 0 : 1
    const auto = [this.#command('pump1.auto'), this.#command('pump2.auto')] as const
    const hand = [this.#command('pump1.hand'), this.#command('pump2.hand')] as const
    const order = this.#lead === 0 ? ([0, 1] as const) : ([1, 0] as const)
    // A pump that is tripped or not in automatic does not count; the next one takes its duty.
    const duty = order.filter((i) => auto[i] && !this.#starters[i].fault).slice(0, this.#stage)
    const permitted = signals.powerOk && !this.#dryRun && !this.#highAlarm
    for (const i of [0, 1] as const) {
      const starter = this.#starters[i]
      starter.scan({ auto: auto[i], hand: hand[i], wanted: duty.includes(i), permitted, flow: signals.pumps[i].flow }, seconds)
      const speed = this.#setpoint(i === 0 ? 'pump1.speed-setpoint' : 'pump2.speed-setpoint')
      actuators.pumps[i].run = starter.running
      actuators.pumps[i].speed = bounded(speed, DRIVE_SPEED)
    }
  }

  // Flow-paced dosing, trimmed by the residual at the analyser once fresh water has reached it.
  #dose(seconds: number): void {
    const { signals, actuators } = this.#plant
    this.#dosing = this.#command('dosing.enable') && signals.powerOk && signals.towerInflow > DOSING.least
    this.#flowingFor = this.#dosing ? this.#flowingFor + seconds : 0
    const setpoint = this.#setpoint('chlorine.setpoint')
    const trim = this.#trim.step(setpoint - signals.residual, seconds, this.#flowingFor > DOSING.settleSeconds)
    const litresPerMinute = (signals.towerInflow * 1000) / 60
    actuators.dosing = this.#dosing ? Math.max(0, ((setpoint + trim) * litresPerMinute) / DOSING.mgPerMl) : 0
  }

  #supplyLowerZone(seconds: number): void {
    const { signals, actuators } = this.#plant
    actuators.inletOpen = this.#command('zone2.open')
    actuators.reducedPressure = bounded(this.#setpoint('zone2.pressure-setpoint'), REDUCED)
    this.#lowerFlow = signals.zone2Flow * bounded(this.#setpoint('zone2.meter-factor'), METER_FACTOR)
    this.#counted.lowerVolume += (this.#lowerFlow * seconds) / 3600
    const { low, high, hysteresis } = LOWER_ZONE
    this.#lowerLow = signals.zone2Pressure < low + (this.#lowerLow ? hysteresis : 0)
    this.#lowerHigh = signals.zone2Pressure > high - (this.#lowerHigh ? hysteresis : 0)
  }

  #washFilter(seconds: number): void {
    const { signals, actuators } = this.#plant
    const start = this.#pressed('wash.start')
    const minutes = this.#setpoint('wash.minutes')
    this.#wash.scan({ start, minutes, level: this.#level, permitted: signals.powerOk, flow: signals.towerInflow }, seconds)
    actuators.washing = this.#wash.running
    this.#counted.washVolume += (signals.washFlow * seconds) / 3600
  }

  // A new shift stands open until somebody of it has acknowledged.
  #changeShift(): void {
    const shift = this.#setpoint('shift.number')
    const acknowledged = this.#pressed('shift.acknowledge')
    if (shift !== this.#shift) this.#shiftOpen = true
    else if (acknowledged) this.#shiftOpen = false
    this.#shift = shift
  }
}
