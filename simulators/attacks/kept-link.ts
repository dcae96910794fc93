// The connection of an attacker who comes again: kept between strikes, opened anew when it was cut. What the PLC refuses or
// leaves unanswered is no failure of an attack that was sent.
import { LinkFault, type ModbusLink } from '../plc/modbus-link.ts'
import type { Foothold } from './attack.ts'

export class KeptLink implements ModbusLink {
  readonly host: string
  readonly #foothold: Foothold
  #link: ModbusLink | null

  /** Fails when the PLC cannot be reached at all. */
  static async open(foothold: Foothold): Promise<KeptLink> {
    return new KeptLink(foothold, await foothold.link())
  }

  private constructor(foothold: Foothold, link: ModbusLink) {
    this.#foothold = foothold
    this.#link = link
    this.host = link.host
  }

  /** Whether bytes can be sent as they are. */
  get hasWire(): boolean {
    return this.#link?.raw !== undefined
  }

  async request(pdu: Uint8Array, unit?: number): Promise<Buffer> {
    return this.#use((link) => link.request(pdu, unit))
  }

  async raw(bytes: Uint8Array): Promise<void> {
    return this.#use(async (link) => link.raw?.(bytes))
  }

  /** The next request comes over a new connection. */
  async cut(): Promise<void> {
    const link = this.#link
    this.#link = null
    await link?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut()
  }

  async #use<T>(act: (link: ModbusLink) => Promise<T>): Promise<T> {
    const kept = this.#link
    try {
      this.#link ??= await this.#foothold.link()
      return await act(this.#link)
    } catch (fault) {
      await this.cut()
      // The PLC has ended the connection since it was used last, as PLCs do.
      if (kept !== null && fault instanceof LinkFault && fault.code === 'LINK_AWAY') return this.#use(act)
      throw fault
    }
  }
}

/** False when the PLC did not take part; anything else than that is a fault of ours. */
export async function answered(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (fault) {
    if (fault instanceof LinkFault) return false
    throw fault
  }
}
