// A network of PLCs without sockets, for worlds that run faster than time: clients come from an address, connections are counted
// and refused, and every exchange can be observed, as over TCP.
import type { Observer } from './modbus-exchange.ts'
import { LinkFault, type ModbusLink } from './modbus-link.ts'
import { MAX_PDU_BYTES } from './modbus-pdu.ts'
import type { ModbusStation } from './modbus-station.ts'

export interface OfflineNetworkOptions extends Observer {
  /** By address. */
  stations: Readonly<Record<string, ModbusStation>>
}

export class OfflineNetwork {
  readonly #stations: ReadonlyMap<string, ModbusStation>
  readonly #observer: Observer
  readonly #unplugged = new Set<string>()
  #connections = 0

  constructor(options: OfflineNetworkOptions) {
    this.#stations = new Map(Object.entries(options.stations))
    this.#observer = options
  }

  /** Cuts a PLC off, or connects it again: connections fail at their next request, and no new ones come about. */
  setPlugged(address: string, plugged: boolean): void {
    if (plugged) this.#unplugged.delete(address)
    else this.#unplugged.add(address)
  }

  /** Connects as a client would; fails when nobody is there or no place is free. */
  async connect({ from, to, unit }: { from: string; to: string; unit?: number }): Promise<ModbusLink> {
    const station = this.#stations.get(to)
    if (station === undefined || this.#unplugged.has(to)) throw new LinkFault('LINK_AWAY', `no connection to the PLC at ${to}`)
    const line = { client: from, server: to, connection: ++this.#connections }
    const tell = (what: 'opened' | 'closed' | 'refused') => this.#observer.onConnection?.({ ...line, what })
    let open = true
    const close = () => {
      if (open) tell('closed')
      open = false
    }
    const seat = station.seat(close)
    if (seat === null) {
      tell('refused')
      throw new LinkFault('LINK_AWAY', `${to} refuses one connection more`)
    }
    tell('opened')
    const out = Buffer.alloc(MAX_PDU_BYTES)
    return {
      host: from,
      request: async (pdu, other) => {
        if (!open) throw new LinkFault('LINK_AWAY', `${to} closed the connection`)
        if (this.#unplugged.has(to)) throw new LinkFault('LINK_TIMEOUT', `no reply from ${to}`)
        if (pdu.length < 1 || pdu.length > MAX_PDU_BYTES) {
          station.countMalformed()
          seat.leave()
          close()
          throw new LinkFault('LINK_AWAY', `${to} closed the connection`)
        }
        const asked = other ?? unit ?? station.unit
        const size = station.answer(pdu, 0, pdu.length, asked, out, 0)
        const reply = size === 0 ? null : Buffer.from(out.subarray(0, size))
        this.#observer.onExchange?.({ ...line, unit: asked, request: Uint8Array.from(pdu), reply })
        station.settle()
        if (reply === null) throw new LinkFault('LINK_TIMEOUT', `no reply from ${to}`)
        return Buffer.from(reply)
      },
      async [Symbol.asyncDispose]() {
        seat.leave()
        close()
      }
    }
  }
}
