// What a read costs on the way: its bytes in each framing, and how long it is expected to keep the line.
import { isBitTable, type Table } from './read-plan.ts'
import type { Transport } from './transport.ts'

export interface WireBytes {
  request: number
  reply: number
}

// PDUs of functions 1 to 4: function, address and quantity; function, byte count and data (Modbus Application Protocol 1.1b3,
// 6.1 to 6.4).
const REQUEST_PDU = 5
const replyPdu = (table: Table, count: number) => 2 + (isBitTable(table) ? Math.ceil(count / 8) : 2 * count)

/** The bytes of the frames; what TCP and IP add is not counted. */
export function bytesOf(frames: Transport['frames'], { table, count }: { table: Table; count: number }): WireBytes {
  const framed = (pdu: number): number => {
    switch (frames) {
      // Seven bytes of MBAP header.
      case 'mbap':
        return 7 + pdu
      // Unit and CRC.
      case 'rtu':
        return 1 + pdu + 2
      // Colon, two characters for each byte of unit, PDU and LRC, carriage return and line feed.
      case 'ascii':
        return 1 + 2 * (1 + pdu + 1) + 2
    }
  }
  return { request: framed(REQUEST_PDU), reply: framed(replyPdu(table, count)) }
}

// What a PLC on a quiet network takes: a scan or two.
const NETWORK_MS = 20
// How long a serial device thinks before it answers, and the silences of 3.5 characters around each frame (Modbus over Serial
// Line 1.02, 2.5.1.1).
const TURNAROUND_MS = 10
const SILENT_CHARACTERS = 7
// A serial server does not say how fast its line is; this is the speed of most.
const ASSUMED_LINE = { baudRate: 9600, bits: 11 }

export function expectedMs(transport: Transport, read: { table: Table; count: number }): number {
  if (transport.frames === 'mbap') return NETWORK_MS
  const { request, reply } = bytesOf(transport.frames, read)
  const { baudRate, bits } = transport.over === 'serial' ? { baudRate: transport.baudRate, bits: bitsOf(transport) } : ASSUMED_LINE
  const line = (1000 * bits * (request + reply + SILENT_CHARACTERS)) / baudRate + TURNAROUND_MS
  return transport.over === 'serial' ? line : line + NETWORK_MS
}

// A start bit before each character, a parity bit where there is one.
function bitsOf({ dataBits, parity, stopBits }: { dataBits: number; parity: string; stopBits: number }): number {
  return 1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits
}
