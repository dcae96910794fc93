// Natural gas as a station sees it: how much mass a volume holds at a pressure and temperature, and the units people use for it.

// J/(mol K) and kg/mol; about 0.73 kg in a normal cubic metre (0 °C, 1.01325 bar).
const R = 8.314_46
const MOLAR_MASS = 0.016_36
/** How compressibility falls with pressure: Z = 1 - DEVIATION * bar, good enough for natural gas up to 60 bar at ground temperatures. */
const DEVIATION = 0.0022
const ZERO_CELSIUS = 273.15

export const ATMOSPHERE = 1.013_25
/** kg in one m3(N). */
export const NORMAL_DENSITY = (ATMOSPHERE * 1e5 * MOLAR_MASS) / (R * ZERO_CELSIUS)
/** kJ/(kg K) */
export const HEAT_CAPACITY = 2.2
/** kWh in one m3(N), the lower heating value. */
export const CALORIFIC_VALUE = 10

/** kg in a volume for each bar / Z; pressures are absolute, temperatures in °C. */
export const capacity = (volume: number, celsius: number): number => (volume * 1e5 * MOLAR_MASS) / (R * (celsius + ZERO_CELSIUS))

/** kg that a volume of that capacity holds: m = p V M / (Z R T). */
export const massAt = (bar: number, perBar: number): number => (bar * perBar) / (1 - DEVIATION * bar)

export const pressureOf = (mass: number, perBar: number): number => mass / (perBar + DEVIATION * mass)

/** kg/m3 */
export const densityAt = (bar: number, celsius: number): number => massAt(bar, capacity(1, celsius))

/** m3/h(N) for kg/s, and back. */
export const normalFlow = (kgPerSecond: number): number => (kgPerSecond * 3600) / NORMAL_DENSITY
export const massFlow = (normal: number): number => (normal * NORMAL_DENSITY) / 3600
