// The rightful operator: looks at the PLC every second over a Modbus connection of its own and works by the duty roster.
import type { Log } from '#runtime/log.ts'
import { Noise } from '../plants/noise.ts'
import { DAY_SECONDS } from '../plants/plant.ts'
import { allowed, type Duty, dutiesOfDay, type Order, type Screen } from './duty-roster.ts'
import type { ModbusLink } from './modbus-link.ts'
import { readBits, readWords, writeCoil, writeRegister, writeRegisters } from './modbus-words.ts'
import { countOf } from './registers.ts'
import { COMMANDS, SETPOINTS, STATES } from './water-registers.ts'

// A duty whose condition does not come within this time is left out for the day.
const PATIENCE_SECONDS = 3600
const AWAY_SECONDS = 5

export class Operator {
  readonly #connect: () => Promise<ModbusLink>
  readonly #noise: Noise
  readonly #log: Log
  #link: ModbusLink | null = null
  #away = false
  #tryAgainAt = 0
  #day: number | null = null
  #duties: Duty[] = []

  constructor(options: { connect: () => Promise<ModbusLink>; seed: number; log: Log }) {
    this.#connect = options.connect
    this.#noise = new Noise(options.seed, 'operator')
    this.#log = options.log
  }

  /** Called each second with the plant's own time; a PLC that is away is tried again later. */
  async look(seconds: number): Promise<void> {
    this.#plan(seconds)
    if (seconds < this.#tryAgainAt) return
    try {
      this.#link ??= await this.#connect()
      const screen = await readScreen(this.#link)
      if (this.#away) this.#log.info('The operator sees the PLC again.')
      this.#away = false
      await this.#work(seconds, screen, this.#link)
    } catch (err) {
      if (!this.#away) this.#log.warn({ err }, 'The operator lost sight of the PLC.')
      this.#away = true
      this.#tryAgainAt = seconds + AWAY_SECONDS
      await this.leave()
    }
  }

  async leave(): Promise<void> {
    const link = this.#link
    this.#link = null
    await link?.[Symbol.asyncDispose]()
  }

  #plan(seconds: number): void {
    const day = Math.floor(seconds / DAY_SECONDS)
    if (day === this.#day) return
    this.#day = day
    this.#duties.push(...dutiesOfDay(day, this.#noise).filter(({ at }) => at >= seconds))
  }

  async #work(seconds: number, screen: Screen, link: ModbusLink): Promise<void> {
    const duty = this.#duties[0]
    if (duty === undefined || seconds < duty.at) return
    const { at, order } = duty
    if (allowed(order, screen)) {
      this.#duties.shift()
      this.#log.info({ order }, 'The operator acts.')
      await carryOut(order, screen, link)
      if (order.kind === 'maintenance') this.#remember({ at: seconds + order.minutes * 60, order: { kind: 'maintenance-ends' } })
    } else if (seconds > at + PATIENCE_SECONDS) {
      this.#duties.shift()
      this.#log.info({ order }, 'The operator leaves a duty out.')
    }
  }

  #remember(duty: Duty): void {
    this.#duties.push(duty)
    this.#duties.sort((a, b) => a.at - b.at)
  }
}

// Everything is read, as an operator station does, though the book asks only about a part of it.
async function readScreen(link: ModbusLink): Promise<Screen> {
  await readWords(link, 4, 0, 23)
  const setpoints = await readWords(link, 3, 0, 7)
  const commands = await readBits(link, 1, 0, 5)
  const states = await readBits(link, 2, 0, 8)
  return {
    lead: setpoints[SETPOINTS['pump.lead'].address] ?? 0,
    auto: [commands[COMMANDS['pump1.auto']] ?? false, commands[COMMANDS['pump2.auto']] ?? false],
    running: [states[STATES['pump1.running']] ?? false, states[STATES['pump2.running']] ?? false]
  }
}

async function carryOut(order: Order, screen: Screen, link: ModbusLink): Promise<void> {
  const [leading, idle] = screen.lead === 1 ? (['pump1', 'pump2'] as const) : (['pump2', 'pump1'] as const)
  switch (order.kind) {
    case 'level-band': {
      const start = SETPOINTS['tower.start-setpoint']
      const stop = SETPOINTS['tower.stop-setpoint']
      return writeRegisters(link, start.address, [countOf(start, order.start), countOf(stop, order.stop)])
    }
    case 'chlorine':
      return writeRegister(link, SETPOINTS['chlorine.setpoint'], order.setpoint)
    case 'speed':
      return writeRegister(link, SETPOINTS[`${leading}.speed-setpoint`], order.speed)
    case 'rotate-lead':
      return writeRegister(link, SETPOINTS['pump.lead'], idle === 'pump1' ? 1 : 2)
    case 'maintenance':
      return writeCoil(link, COMMANDS[`${idle}.auto`], false)
    case 'maintenance-ends':
      return writeCoil(link, COMMANDS[`${idle}.auto`], true)
  }
}
