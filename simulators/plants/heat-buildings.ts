// Some 120,000 m2 of dwellings as two masses: rooms that follow quickly, and walls that keep warmth for days.

// kWh/K, kW/K
const ROOMS = { mass: 2200, airing: 70 }
const WALLS = { mass: 11_500, loss: 102, toRooms: 900 }
// kW of people and cooking, and m2 of windows that let the sun in.
const PEOPLE = 260
const WINDOWS = 1100
const RADIATORS = { conductance: 161, ratedExcess: 31, exponent: 0.3 }
// Thermostats begin to close at the one and are as far shut as people let them at the other.
const THERMOSTATS = { open: 21.2, shut: 23.5, least: 0.12 }

export interface Surroundings {
  outdoor: number
  /** kW/m2 */
  sun: number
  /** Additional airing, as a share of the usual. */
  windowsOpen: number
}

export class Buildings {
  room: number
  walls: number
  /** kWh of the last step. */
  lost = 0
  gained = 0

  constructor({ room, outdoor }: { room: number; outdoor: number }) {
    this.room = room
    this.walls = (WALLS.toRooms * room + WALLS.loss * outdoor) / (WALLS.toRooms + WALLS.loss)
  }

  /** kWh above 0 degrees. */
  get heat(): number {
    return ROOMS.mass * this.room + WALLS.mass * this.walls
  }

  /** How far the thermostats are open, from 0 to 1. */
  get open(): number {
    const { open, shut, least } = THERMOSTATS
    return Math.min(1, Math.max(least, 1 - ((1 - least) * (this.room - open)) / (shut - open)))
  }

  /** kW/K from the radiators' water to the rooms; it grows with their excess, as convection does. */
  radiation(water: number): number {
    const excess = Math.max(1, Math.abs(water - this.room))
    return RADIATORS.conductance * this.open * (excess / RADIATORS.ratedExcess) ** RADIATORS.exponent
  }

  step(radiated: number, { outdoor, sun, windowsOpen }: Surroundings, seconds: number): void {
    const hours = seconds / 3600
    const airing = ROOMS.airing * (1 + Math.max(0, windowsOpen)) * (this.room - outdoor) * hours
    const through = WALLS.loss * (this.walls - outdoor) * hours
    const between = WALLS.toRooms * (this.room - this.walls) * hours
    this.gained = (PEOPLE + WINDOWS * sun) * hours
    this.lost = airing + through
    this.room += (radiated + this.gained - airing - between) / ROOMS.mass
    this.walls += (between - through) / WALLS.mass
  }
}
