// The control program of the heating station: heating curve with night setback, valve, pumps, pressure keeping, alarms.
// It knows the plant only by its instruments and drives, and the people only by the coils and registers they write.
import type { HeatActuators } from '../plants/heat.ts'
import { WATER_HEAT } from '../plants/heat-exchanger.ts'
import type { HeatSignals } from '../plants/heat-instruments.ts'
import { DAY_SECONDS } from '../plants/plant.ts'
import { isNight, supplyBy } from './heat-curve.ts'
import { HEAT_MAP, type HeatTag } from './heat-map.ts'
import { HeatPumpDrive } from './heat-pump-drive.ts'
import { PiController } from './pi-controller.ts'
import type { Program } from './plc.ts'
import type { RegisterImage } from './register-image.ts'
import { readTag, writeTag } from './tag-map.ts'

// The walls know the weather of hours; the curve follows the one and the heating limit the other.
const OUTDOOR_SECONDS = { curve: 1800, limit: 6 * 3600 }
const LIMIT_HYSTERESIS = 1
const NO_SETBACK_BELOW = -12
const FROST = { outdoor: 3, begins: 12, ends: 18, supply: 30 }
const VALVE = { gain: 0.5, integralSeconds: 80, low: 0, high: 100 }
const LEAST_FLOW = 20
const LOW_PRESSURE = { on: 1.5, off: 1.8, stop: 0.8, release: 1.2 }
const HYSTERESIS = { temperature: 3, pressure: 0.2 }
const FLUSH_SECONDS = 45
const COLD_WATER = 10

/** What the totalisers have counted, MWh, m3 and kWh; the program counts on in it, and it outlives a loss of power. */
export interface HeatCounted {
  heat: number
  volume: number
  makeup: number
  secondary: number
  hotWater: number
  electricity: number
}

interface Plant {
  readonly seconds: number
  readonly signals: Readonly<HeatSignals>
  readonly actuators: HeatActuators
}

export class HeatProgram implements Program<HeatTag> {
  readonly #plant: Plant
  readonly #image: RegisterImage
  readonly #counted: HeatCounted
  readonly #drives = [new HeatPumpDrive(), new HeatPumpDrive()] as const
  readonly #valve: PiController
  #outdoor: number
  #mean: number
  #lead: 0 | 1 = 0
  #heating: boolean
  #night = false
  #frost = false
  #hot = false
  #highPressure = false
  #lowPressure = false
  #dry = false
  #makeup = false
  #flushedFor = 0
  #wanted = 0
  #power = 0

  constructor(options: { plant: Plant; image: RegisterImage; counted: HeatCounted }) {
    this.#plant = options.plant
    this.#image = options.image
    this.#counted = options.counted
    // It takes over from where the valve stands, without a bump.
    this.#valve = new PiController({ ...VALVE, initial: options.plant.signals.valve })
    this.#outdoor = options.plant.signals.outdoor
    this.#mean = this.#outdoor
    this.#heating = this.#mean < this.#setpoint('heating.limit')
  }

  scan(seconds: number): void {
    const { signals } = this.#plant
    this.#outdoor += ((signals.outdoor - this.#outdoor) * seconds) / (OUTDOOR_SECONDS.curve + seconds)
    this.#mean += ((signals.outdoor - this.#mean) * seconds) / (OUTDOOR_SECONDS.limit + seconds)
    this.#raiseAlarms()
    this.#chooseMode()
    this.#runPumps(seconds)
    this.#moveValve(seconds)
    this.#keepPressure()
    this.#flush(seconds)
    this.#count(seconds / 3600)
  }

  publish(put: (tag: HeatTag, value: number) => void): void {
    const { signals, actuators } = this.#plant
    const counted = this.#counted
    put('outdoor.temperature', signals.outdoor)
    put('room.temperature', signals.room)
    put('primary.supply-temperature', signals.primarySupply)
    put('primary.return-temperature', signals.primaryReturn)
    put('boiler.temperature', signals.boiler)
    put('mixing.position', signals.mixing)
    put('supply.temperature', signals.secondarySupply)
    put('return.temperature', signals.secondaryReturn)
    put('supply.wanted', this.#wanted)
    put('hotwater.temperature', signals.hotWater)
    put('primary.supply-pressure', signals.primarySupplyPressure)
    put('primary.return-pressure', signals.primaryReturnPressure)
    put('supply.pressure', signals.supplyPressure)
    put('return.pressure', signals.returnPressure)
    put('strainer.pressure-drop', signals.strainerDrop)
    put('primary.flow', signals.primaryFlow)
    put('secondary.flow', signals.secondaryFlow)
    put('heat.power', this.#power)
    put('valve.position', signals.valve)
    put('valve.output', actuators.valve)
    put('pump1.speed', signals.speed1)
    put('pump1.current', signals.current1)
    put('pump2.speed', signals.speed2)
    put('pump2.current', signals.current2)
    put('makeup.flow', signals.makeupFlow)
    put('hotwater.flow', signals.hotWaterFlow)
    put('heat.energy', counted.heat)
    put('heat.volume', counted.volume)
    put('makeup.volume', counted.makeup)
    put('secondary.energy', counted.secondary)
    put('hotwater.energy', counted.hotWater)
    put('power.energy', counted.electricity)
    const show = (tag: HeatTag, on: boolean) => put(tag, on ? 1 : 0)
    show('pump1.running', this.#drives[0].running)
    show('pump2.running', this.#drives[1].running)
    show('makeup.running', this.#makeup)
    show('heating.active', this.#heating)
    show('night.active', this.#night)
    show('frost.active', this.#frost)
    show('pump1.fault', this.#drives[0].fault)
    show('pump2.fault', this.#drives[1].fault)
    show('supply.high-alarm', this.#hot)
    show('pressure.high-alarm', this.#highPressure)
    show('pressure.low-alarm', this.#lowPressure)
    show('source.ok', signals.sourceOk)
    show('power.ok', signals.powerOk)
  }

  release(): void {
    const { actuators } = this.#plant
    for (const pump of actuators.pumps) pump.run = false
    actuators.makeup = false
    actuators.flush = false
  }

  // What people write counts only as far as the range of the setpoint goes.
  #setpoint(tag: HeatTag): number {
    const row = HEAT_MAP.tags[tag]
    const value = readTag(this.#image, row)
    return row.range === undefined ? value : Math.min(row.range.high, Math.max(row.range.low, value))
  }

  #command(tag: HeatTag): boolean {
    return readTag(this.#image, HEAT_MAP.tags[tag]) === 1
  }

  #raiseAlarms(): void {
    const { secondarySupply, returnPressure } = this.#plant.signals
    this.#hot = secondarySupply > this.#setpoint('supply.high-limit') - (this.#hot ? HYSTERESIS.temperature : 0)
    this.#highPressure = returnPressure > this.#setpoint('pressure.high-limit') - (this.#highPressure ? HYSTERESIS.pressure : 0)
    this.#lowPressure = returnPressure < (this.#lowPressure ? LOW_PRESSURE.off : LOW_PRESSURE.on)
    this.#dry = returnPressure < (this.#dry ? LOW_PRESSURE.release : LOW_PRESSURE.stop)
  }

  #chooseMode(): void {
    const { seconds, signals } = this.#plant
    this.#heating = this.#mean < this.#setpoint('heating.limit') + (this.#heating ? LIMIT_HYSTERESIS : 0)
    const minute = Math.floor((seconds % DAY_SECONDS) / 60)
    const night = isNight(minute, this.#setpoint('night.start'), this.#setpoint('night.end'))
    this.#night = this.#heating && this.#command('night.enable') && night && this.#outdoor > NO_SETBACK_BELOW
    const coldest = Math.min(signals.secondarySupply, signals.secondaryReturn)
    this.#frost = signals.outdoor < FROST.outdoor && coldest < (this.#frost ? FROST.ends : FROST.begins)
    const curve = {
      slope: this.#setpoint('curve.slope'),
      shift: this.#setpoint('curve.shift'),
      minimum: this.#setpoint('supply.minimum'),
      maximum: this.#setpoint('supply.maximum'),
      reduction: this.#night ? this.#setpoint('night.reduction') : 0
    }
    const byCurve = this.#heating ? supplyBy(curve, this.#outdoor) : 0
    this.#wanted = this.#frost ? Math.max(FROST.supply, byCurve) : byCurve
  }

  #runPumps(seconds: number): void {
    const { signals, actuators } = this.#plant
    // A lead that is neither 1 nor 2 is not taken over.
    const lead = readTag(this.#image, HEAT_MAP.tags['pump.lead'])
    if (lead === 1 || lead === 2) this.#lead = lead === 1 ? 0 : 1
    const auto = [this.#command('pump1.auto'), this.#command('pump2.auto')] as const
    const hand = [this.#command('pump1.hand'), this.#command('pump2.hand')] as const
    const order = this.#lead === 0 ? ([0, 1] as const) : ([1, 0] as const)
    // One pump carries the loop; when the lead has tripped or is not in automatic, the other one takes its duty.
    const duty = order.find((i) => auto[i] && !this.#drives[i].fault)
    const permitted = signals.powerOk && !this.#dry
    for (const i of [0, 1] as const) {
      const wanted = i === duty && (this.#heating || this.#frost)
      const speed = i === 0 ? signals.speed1 : signals.speed2
      this.#drives[i].scan({ auto: auto[i], hand: hand[i], wanted, permitted, speed }, seconds)
      actuators.pumps[i].run = this.#drives[i].running
      actuators.pumps[i].speed = this.#setpoint('pump.speed-setpoint')
    }
  }

  #moveValve(seconds: number): void {
    const { signals, actuators } = this.#plant
    const flowing = signals.secondaryFlow > LEAST_FLOW
    const open = this.#valve.step(this.#wanted - signals.secondarySupply, seconds, this.#wanted > 0 && flowing && signals.powerOk)
    const automatic = this.#wanted > 0 && flowing ? open : 0
    // Too hot shuts the valve in hand as well: the limiter is wired before the switch.
    if (this.#hot) actuators.valve = 0
    else actuators.valve = this.#command('valve.auto') ? automatic : this.#setpoint('valve.hand-position')
  }

  #keepPressure(): void {
    const { signals, actuators } = this.#plant
    const on = this.#setpoint('pressure.makeup-on')
    const off = Math.max(on, this.#setpoint('pressure.makeup-off'))
    const low = signals.returnPressure < (this.#makeup ? off : on)
    this.#makeup = low && this.#command('makeup.enable') && signals.powerOk && !this.#highPressure
    actuators.makeup = this.#makeup
  }

  // The button falls back by itself.
  #flush(seconds: number): void {
    const { actuators, signals } = this.#plant
    const pressed = this.#command('strainer.flush')
    this.#flushedFor = pressed ? this.#flushedFor + seconds : 0
    if (this.#flushedFor > FLUSH_SECONDS) writeTag(this.#image, HEAT_MAP.tags['strainer.flush'], 0)
    actuators.flush = pressed && this.#flushedFor <= FLUSH_SECONDS && signals.powerOk && !this.#lowPressure
  }

  #count(hours: number): void {
    const { signals } = this.#plant
    const counted = this.#counted
    const flow = signals.primaryFlow * this.#setpoint('meter.flow-factor')
    this.#power = Math.max(0, WATER_HEAT * flow * (signals.primarySupply - signals.primaryReturn))
    counted.heat += (this.#power * hours) / 1000
    counted.volume += flow * hours
    counted.makeup += signals.makeupFlow * hours
    counted.secondary += (WATER_HEAT * signals.secondaryFlow * (signals.secondarySupply - signals.secondaryReturn) * hours) / 1000
    counted.hotWater += (WATER_HEAT * signals.hotWaterFlow * (signals.hotWater - COLD_WATER) * hours) / 1000
    counted.electricity += signals.power * hours
  }
}
