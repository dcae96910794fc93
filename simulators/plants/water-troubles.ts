// What goes wrong in a waterworks without anybody meaning it. 0 is nothing; the unit of each amount stands beside it.

export const NO_TROUBLES = {
  /** 1: the grid is away. */
  power: 0,
  /** 1: the drive is tripped and does not turn, whatever the PLC commands. */
  'pump1-trip': 0,
  'pump2-trip': 0,
  /** m3/h that leave the upper zone through a broken pipe, at 3 bar. */
  leak: 0,
  /** The same in the lower zone. */
  'zone2-leak': 0,
  /** m3/h that leave the rising main before the tower's meter, while it is pumped. */
  'main-leak': 0,
  /** m3/h that the fire brigade takes from the upper zone. */
  'fire-flow': 0,
  /** NTU that the wells bring in addition. */
  'dirty-water': 0,
  /** Metres by which the ground water stands lower. */
  drought: 0,
  /** Share of the dose that does not arrive, 0 to 1: air in the line, an empty tank. */
  'dosing-fault': 0,
  /** Share of the pressure that the reducing valve lets through though it should not, 0 to 1. */
  'valve-hangs': 0
}
export type WaterTroubles = typeof NO_TROUBLES
