// What an attack is: a name, its ATT&CK for ICS technique, its parameters, and an aim that can strike and be undone.
import type { z } from 'zod'
import type { Text } from '#contract/text.ts'
import type { PlantKind } from '../plants/plant.ts'
import type { ModbusLink } from '../plc/modbus-link.ts'
import type { Distortion } from '../plc/plc.ts'
import type { TagMap } from '../plc/tag-map.ts'
import type { Rightful } from './rightful.ts'

/** What an attacker has got hold of. What is null cannot be reached in this scenario. */
export interface Foothold {
  readonly map: TagMap
  /** Simulated seconds since Monday 00:00. */
  readonly seconds: number
  /** What ought to stand in the tags that attackers have in hand. */
  readonly rightful: Rightful
  /** A Modbus connection to the PLC from the attacker's own address. */
  link(): Promise<ModbusLink>
  /** Waits a little before a busy PLC is asked again; not there where no time passes meanwhile. */
  pause?(): Promise<void>
  /** Code inside the PLC: the report of a tag is what the distortion makes of it, until the returned function is called. */
  falsify(tag: string, distortion: Distortion): () => void
  /** What a tag showed so many seconds ago; undefined when nobody wrote it down. */
  past(tag: string, secondsAgo: number): number | undefined
  /** A place on the wire between the PLC and whoever reads it; gives back the way when the returned function is called. */
  readonly tamper: ((victim: Victim, tamper: Tamper) => () => void) | null
  readonly opcua: OpcuaTarget | null
  readonly eyes: Eyes | null
}

export type Victim = 'agent' | 'operator'

/** Alters PDUs on their way; null lets one vanish. */
export interface Tamper {
  request?(pdu: Buffer): Buffer | null
  reply?(request: Buffer, reply: Buffer): Buffer | null
}

/** The OPC UA face of the PLC, as an attacker knows it. */
export interface OpcuaTarget {
  readonly endpoint: string
  /** Lets the server take another certificate, or its own again. */
  swapCertificate(other: boolean): Promise<void>
  /** Lets it offer nothing but unprotected connections, or what it offered before. */
  offerOnlyNone(only: boolean): Promise<void>
}

/** Our own agent and its way to the centre, as an attacker on its machine or at the broker could work on them. */
export interface Eyes {
  /** Its id, as alerts name it. */
  readonly agent: string
  stopAgent(): Promise<void>
  startAgent(): Promise<void>
  /** How far the clock of the agent's machine is put off, in milliseconds. */
  shiftClock(byMs: number): void
  /** Which share of the agent's messages the broker loses, 0 to 1. */
  loseMessages(share: number): void
  /** Publishes under the agent's name a sample of a tag that nobody read. */
  forge(tag: string, value: number): Promise<void>
  /** Leaves a tag out of the agent's config, or takes it in again. */
  leaveOut(tag: string | null): Promise<void>
}

export interface Attack<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly title: Text
  readonly technique: string
  /** Where it can be played; all plants when it stands nowhere. */
  readonly plants?: readonly PlantKind[]
  /** What the scenario must offer. */
  readonly needs?: readonly ('tamper' | 'opcua' | 'eyes')[]
  /** Whether what the PLC showed before is to be written down for it. */
  readonly needsPast?: boolean
  readonly parameters: P
  /** Looks where to strike; does no harm yet. */
  aim(foothold: Foothold, parameters: z.output<P>): Promise<Aim>
}

export interface Aim {
  /** What the label says was played, when it is more exact than the name. */
  name?: string
  tags: string[]
  /** The addresses it comes from, or the agent of ours that it works on; empty when it works inside the PLC. */
  hosts: string[]
  /** After how long it strikes again; 0 for never. */
  insistSeconds: number
  strike(): Promise<void>
  /** Puts everything back as it was found, or as the rightful people have set it since, also after a strike that failed half way. */
  undo(): Promise<void>
}
