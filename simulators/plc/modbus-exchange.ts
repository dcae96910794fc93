// What passed between a client and a PLC, as whoever records the traffic is told.

export interface Exchange {
  /** The addresses of both ends. */
  client: string
  server: string
  unit: number
  /** PDUs, without header and checksum; no reply when the PLC kept silent. */
  request: Uint8Array
  reply: Uint8Array | null
  /** Tells the connections of one server apart. */
  connection: number
}

export interface ConnectionNews {
  client: string
  server: string
  connection: number
  what: 'opened' | 'closed' | 'refused'
}

/** Called from within the answering; it must be quick and not throw. */
export interface Observer {
  onExchange?: ((exchange: Exchange) => void) | undefined
  onConnection?: ((news: ConnectionNews) => void) | undefined
}
