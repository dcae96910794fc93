// How attacks come to the OPC UA face of a PLC: what they share of parameters, and the client that is loaded at the first strike.
import { z } from 'zod'
import type { Identity, OpcuaAttacker } from '../plc/opcua-attacker.ts'
import type { Foothold, OpcuaTarget } from './attack.ts'

export const Secure = z
  .boolean()
  .default(true)
  .describe('Whether the connection is as well protected as the server offers it, with a certificate that nobody has seen before.')

export const User = z
  .strictObject({
    name: z.string().min(1).max(200).describe('The name of the user.'),
    password: z.string().min(1).max(200).describe('The password of the user.')
  })
  .optional()
  .describe('Who it signs in as; without it, as nobody.')
export type User = z.infer<typeof User>

export const asIdentity = (user: User): Identity | null => user ?? null

/** The player has looked already that it is there. */
export function opcuaOf({ opcua }: Foothold): OpcuaTarget {
  if (opcua === null) throw new Error('the PLC has no OPC UA server')
  return opcua
}

export async function opcuaAttacker(foothold: Foothold): Promise<OpcuaAttacker> {
  const { OpcuaAttacker } = await import('../plc/opcua-attacker.ts')
  return OpcuaAttacker.create(opcuaOf(foothold).endpoint)
}

/** Does what an aim needs; when that fails, nothing of the attacker is left. */
export async function aiming<T>(attacker: OpcuaAttacker, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (cause) {
    await attacker[Symbol.asyncDispose]()
    throw cause
  }
}

/** OPC UA clients come from the address that the machine gives them. */
export const OPCUA_HOSTS = ['127.0.0.1']
