// What passed between a client and a PLC, as whoever records the traffic is told.

export interface Exchange {
  /** The addresses of both ends. */
  client: string
  server: string
  unit: number
  /** PDUs, without header and checksum; no reply when the PLC kept silent, or takes its time. */
  request: Uint8Array
  reply: Uint8Array | null
  /** Tells the connections of one server apart. */
  connection: number
  /** The TCP ports of both ends, where there are sockets. */
  ports?: { client: number; server: number }
  /** The transaction id, over Modbus TCP. */
  transaction?: number
}

export interface ConnectionNews extends Pick<Exchange, 'client' | 'server' | 'connection' | 'ports'> {
  what: 'opened' | 'closed' | 'refused'
}

/** Called from within the answering; it must be quick and not throw. */
export interface Observer {
  onExchange?: ((exchange: Exchange) => void) | undefined
  /** The reply to a request that was told without one. */
  onLateReply?: ((exchange: Exchange & { reply: Uint8Array }) => void) | undefined
  onConnection?: ((news: ConnectionNews) => void) | undefined
}
