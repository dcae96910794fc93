// What an attack is: a name, its ATT&CK for ICS technique, its parameters, and an aim that can strike and be undone.
import type { z } from 'zod'
import type { ModbusLink } from '../plc/modbus-link.ts'
import type { Measurement } from '../plc/water-registers.ts'
import { pumpStop } from './pump-stop.ts'
import { sensorFreeze } from './sensor-freeze.ts'
import { setpointTamper } from './setpoint-tamper.ts'

/** What an attacker has got hold of. */
export interface Foothold {
  /** A Modbus connection to the PLC from the attacker's own address. */
  link(): Promise<ModbusLink>
  /** Code inside the PLC: the report of a tag is held at its present value, or let go. */
  hold(tag: Measurement): void
  release(tag: Measurement): void
}

export interface Attack<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly technique: string
  readonly parameters: P
  /** Looks where to strike; does no harm yet. */
  aim(foothold: Foothold, parameters: z.output<P>): Promise<Aim>
}

export interface Aim {
  tags: string[]
  /** The addresses it comes from; empty when it works inside the PLC. */
  hosts: string[]
  /** After how long it strikes again; 0 for never. */
  insistSeconds: number
  strike(): Promise<void>
  /** Puts everything back as it was found, also after a strike that failed half way. */
  undo(): Promise<void>
}

export const ATTACKS = { 'setpoint-tamper': setpointTamper, 'sensor-freeze': sensorFreeze, 'pump-stop': pumpStop } as const
export type AttackName = keyof typeof ATTACKS
