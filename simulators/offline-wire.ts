// What lies between the PLC and its clients when there are no sockets: the port of the PLC, people in the middle, and a line that
// may fail.
import type { Tamper, Victim } from './attacks/attack.ts'
import type { Exchange, Observer } from './plc/modbus-exchange.ts'
import { LinkFault, type ModbusLink } from './plc/modbus-link.ts'
import { OfflineNetwork } from './plc/modbus-network.ts'
import { MAX_PDU_BYTES } from './plc/modbus-pdu.ts'
import { ModbusStation, type Seat } from './plc/modbus-station.ts'
import { tamperedLink } from './plc/tamper.ts'
import { Tampers } from './plc/tampers.ts'
import type { Scenario } from './scenario.ts'
import type { Scene } from './scene.ts'

export interface OfflineWireOptions extends Observer {
  limits: Scenario['modbus']
  /** What a client asked and heard, which somebody in the middle may have altered; onExchange tells what the PLC was asked and said. */
  onHeard?: ((exchange: Exchange) => void) | undefined
}

const PLC = 'plc'
const PAUSE_MS = 250

export class OfflineWire {
  readonly #options: OfflineWireOptions
  readonly #tampers = new Tampers<Victim>()
  readonly #agentTamper = this.#tampers.of('agent')
  #station: ModbusStation | null = null
  #network: OfflineNetwork | null = null
  #silent = false
  #inTheMiddle = 0
  #connections = 0
  #now: () => number = () => 0
  #waitedUntil = 0

  constructor(options: OfflineWireOptions) {
    this.#options = options
  }

  plug(scene: Scene): void {
    const { limits, onExchange, onConnection } = this.#options
    this.#now = () => Math.max(scene.elapsed * 1000, this.#waitedUntil)
    const station = new ModbusStation({ image: scene.plc.image, limits, identity: scene.map.identity, now: () => this.#now() })
    this.#station = station
    scene.plc.control = station
    this.#network = new OfflineNetwork({ stations: { [PLC]: station }, onExchange, onConnection })
  }

  /** Whoever waits until a busy PLC answers does so within a step of the plant: only the PLC sees time pass. */
  async pause(): Promise<void> {
    this.#waitedUntil = this.#now() + PAUSE_MS
  }

  set({ silent }: { silent: boolean; delayMs: number }): void {
    this.#silent = silent
  }

  tamper(victim: Victim, tamper: Tamper): () => void {
    const remove = this.#tampers.add(victim, tamper)
    let here = true
    this.#inTheMiddle++
    return () => {
      if (here) this.#inTheMiddle--
      here = false
      remove()
    }
  }

  /** A connection of somebody; victim says as whom he is lied to, if at all. */
  async link(host: string, victim: Victim | null): Promise<ModbusLink> {
    if (this.#network === null) throw new LinkFault('LINK_AWAY', 'the PLC is not there yet')
    const direct = await this.#network.connect({ from: host, to: PLC })
    const line: ModbusLink = {
      host,
      request: async (pdu, unit) => {
        if (this.#silent) throw new LinkFault('LINK_TIMEOUT', 'the PLC does not answer')
        return direct.request(pdu, unit)
      },
      [Symbol.asyncDispose]: () => direct[Symbol.asyncDispose]()
    }
    return this.#heard(victim === null ? line : tamperedLink(line, { tamper: this.#tampers.of(victim) }))
  }

  /** How the agent asks, and how its connection ends with it; a reply is good until the next call, null when none comes. */
  agent(): { request(pdu: Uint8Array): Buffer | null; hangUp(): void } {
    const out = Buffer.alloc(MAX_PDU_BYTES)
    const { unit } = this.#options.limits
    // It keeps a connection as every client does, and comes back when that was cut: the request that finds it cut has no reply.
    let seat: Seat | null = null
    let cut = false
    const onCut = () => {
      seat = null
      cut = true
    }
    const answer = (pdu: Uint8Array) => {
      if (!cut) seat ??= this.#station?.seat(onCut) ?? null
      cut = false
      if (this.#station === null || seat === null) return null
      const size = this.#station.answer(pdu, 0, pdu.length, unit, out, 0)
      return size === 0 ? null : out.subarray(0, size)
    }
    return {
      request: (pdu) => {
        if (this.#silent) return null
        // Nearly always nobody is in the middle.
        return this.#inTheMiddle === 0 ? answer(pdu) : this.#tamperedAnswer(Buffer.from(pdu), answer)
      },
      hangUp: () => {
        seat?.leave()
        seat = null
        cut = false
      }
    }
  }

  #tamperedAnswer(pdu: Buffer, answer: (pdu: Uint8Array) => Buffer | null): Buffer | null {
    const { request, reply } = this.#agentTamper
    const asked = request?.(Buffer.from(pdu)) ?? null
    const said = asked === null ? null : answer(asked)
    return said === null ? null : (reply?.(pdu, Buffer.from(said)) ?? null)
  }

  #heard(link: ModbusLink): ModbusLink {
    const { onHeard, limits } = this.#options
    if (onHeard === undefined) return link
    const connection = ++this.#connections
    return {
      ...link,
      async request(pdu, unit) {
        const exchange = { client: link.host, server: PLC, connection, unit: unit ?? limits.unit, request: Uint8Array.from(pdu) }
        try {
          const reply = await link.request(pdu, unit)
          onHeard({ ...exchange, reply })
          return reply
        } catch (fault) {
          onHeard({ ...exchange, reply: null })
          throw fault
        }
      }
    }
  }
}
