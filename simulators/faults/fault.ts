// What a fault is: something that goes wrong by itself, so that alarms about it are no detection of an attack.
import type { z } from 'zod'
import type { Text } from '#contract/text.ts'
import type { Aim } from '../attacks/attack.ts'
import type { Rightful } from '../attacks/rightful.ts'
import type { ModbusLink } from '../plc/modbus-link.ts'
import type { Distortion, Plc } from '../plc/plc.ts'
import type { TagMap } from '../plc/tag-map.ts'

/** The line between the PLC and everybody: whether there are any replies, and how much longer they take. */
export interface LineState {
  silent: boolean
  delayMs: number
}

/** What can break. */
export interface Breakage {
  readonly map: TagMap
  /** Simulated seconds since Monday 00:00. */
  readonly seconds: number
  /** What ought to stand in the tags that attackers have in hand, and who hears of what staff writes. */
  readonly rightful: Rightful
  /** Of the plant: amounts by name, 0 when all is well. */
  readonly troubles: Record<string, number>
  falsify(tag: string, distortion: Distortion): () => void
  /** Chance of the scenario's seed. */
  chance(): number
  /** What a fault makes of the line, until it says null; several may be at it, and the worst counts. */
  network(fault: string, state: LineState | null): void
  /** The supply of the PLC itself. */
  readonly plc: Pick<Plc, 'powerOff' | 'powerOn'>
  /** A connection from the engineering workstation. */
  workstation(): Promise<ModbusLink>
}

export interface Fault<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly title: Text
  readonly parameters: P
  aim(breakage: Breakage, parameters: z.output<P>): Promise<Omit<Aim, 'hosts' | 'insistSeconds'> & Partial<Pick<Aim, 'hosts'>>>
}
